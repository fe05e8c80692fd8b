import type { SourceFile } from '../../text/source-file.ts'
import type { Span } from '../../text/span.ts'
import type { HeaderVariable } from '../model/migration.ts'
import { findReferences, type VariableReference } from './find-references.ts'
import { quoteValue } from './quote-value.ts'

/** Values of variables by name. */
export type VariableValues = Readonly<Record<string, string | UnsetValue | undefined>>

/** In the place of a value that a variable of the environment would have given, if it were set: its name. */
export interface UnsetValue {
  readonly unset: string
}

/** What {@link bindText} fills in. */
export interface Binding {
  readonly variables: readonly HeaderVariable[]
  readonly values: VariableValues
  /** Whether secret values are filled in too. */
  readonly secrets: 'filled' | 'kept'
}

/** A text with values, and the place in it of a place in the file. */
export interface BoundText {
  readonly source: SourceFile
  shift(offset: number): number
}

/**
 * Puts values in the place of variables. A name without a value stays as it is.
 *
 * @param spans the code that is looked through, in order.
 */
export function bindText(source: SourceFile, spans: readonly Span[], binding: Binding): BoundText {
  const { values, secrets, variables } = binding
  const filled = variables.filter(
    ({ name, secret }) => findValue(values, name) !== undefined && !(secret && secrets === 'kept'),
  )
  const names = new Set(filled.map(({ name }) => name))
  const references = spans.flatMap((span) => [...findReferences(source.text, span, names)])
  if (references.length === 0) return { source, shift: (offset) => offset }
  return applyEdits(source, references, { ...binding, variables: filled })
}

/**
 * Gives a variable's own value: names such as `constructor` are names too.
 *
 * @example findValue({ app_role: 'web' }, 'app_role') // 'web'
 */
export function findValue(values: VariableValues, name: string): string | undefined {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  return typeof value === 'string' ? value : undefined
}

interface Edit {
  /** In the file. */
  readonly from: Span
  /** In the text. */
  readonly to: Span
}

function applyEdits(
  source: SourceFile,
  references: readonly VariableReference[],
  { variables, values }: Binding,
): BoundText {
  const parts: string[] = []
  const edits: Edit[] = []
  let end = 0
  let length = 0
  for (const reference of references) {
    const written = quoteValue(findValue(values, reference.name) ?? '', reference.form)
    parts.push(source.text.slice(end, reference.start), written)
    const start = length + reference.start - end
    length = start + written.length
    end = reference.end
    edits.push({ from: reference, to: { start, end: length } })
  }
  parts.push(source.text.slice(end))
  const text = parts.join('')
  const hidden = new Map(
    variables.flatMap(({ name, secret }) => (secret ? [[findValue(values, name) ?? '', `:'${name}'`]] : [])),
  )
  const origin = { source, toOffset: (offset: number) => moveBack(edits, offset), secrets: hidden }
  return { source: { path: source.path, text, origin }, shift: (offset) => moveOn(edits, offset) }
}

/** A place inside a value is where its variable is written. */
function moveBack(edits: readonly Edit[], offset: number): number {
  const edit = edits.findLast(({ to }) => to.start <= offset)
  if (edit === undefined) return offset
  return offset < edit.to.end ? edit.from.start : offset - edit.to.end + edit.from.end
}

function moveOn(edits: readonly Edit[], offset: number): number {
  const edit = edits.findLast(({ from }) => from.end <= offset)
  return edit === undefined ? offset : offset - edit.from.end + edit.to.end
}
