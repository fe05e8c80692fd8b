import type { Diagnostic, Span } from '@tidemark/core'
import { describeUnclear, divideText, findDirectionMarks } from './divide-text.ts'
import { needsReview } from './findings.ts'
import {
  emptySection,
  type ForeignMigration,
  type ForeignSection,
  type ForeignText,
  wholeFile,
} from './foreign-project.ts'

/** A comment line such as `-- +goose StatementBegin`. */
export interface Annotation extends Span {
  /** What follows the mark: upper case, one space between words. */
  readonly word: string
}

/** A file whose sections and statements are marked by such comments. */
export interface AnnotatedFile {
  readonly annotations: readonly Annotation[]
  readonly migration: Pick<ForeignMigration, 'name' | 'description' | 'run' | 'up' | 'down'>
  readonly findings: readonly Diagnostic[]
}

/**
 * Reads a file with the annotations Up, Down, StatementBegin and StatementEnd. The tools that write them do
 * nothing to roll back a file without Down, and accept no file without any of them.
 *
 * @param mark what the comment begins with, such as `+goose`.
 */
export function readAnnotatedFile(file: ForeignText, mark: string): AnnotatedFile {
  const whole = wholeFile(file)
  const annotations = findAnnotations(file.text, mark)
  const own = annotations.flatMap(({ word, start, end }) => {
    const [way] = /^(?:UP|DOWN)\b/.exec(word) ?? []
    return way === undefined ? [] : [{ way: way === 'UP' ? ('up' as const) : ('down' as const), start, end }]
  })
  const marks = own.length === 0 ? findDirectionMarks(file.text) : own
  const division = divideText(file.text, marks)
  const part = (span: Span): ForeignSection => {
    const isInside = ({ start }: Span): boolean => start >= span.start && start < span.end
    const inside = annotations.filter(isInside)
    const ends = inside.filter(({ word }) => word === 'STATEMENTEND').map(({ end }) => end)
    const directives = own.length === 0 ? marks.filter(isInside) : inside
    return { source: whole.source, span, directives, boundaries: ends }
  }
  const { up, down } = division.kind === 'divided' ? division : { up: whole.span, down: undefined }
  const findings: Diagnostic[] = []
  if (division.kind === 'unclear') findings.push(describeUnclear(whole.source, division))
  else if (!own.some(({ way }) => way === 'up')) {
    const rest = marks.length === 0 ? 'the whole file' : 'what is not marked as a way back'
    const message = `no "-- ${mark} Up": ${rest} becomes "-- @up"`
    findings.push(needsReview(whole.source, undefined, message, 'check the file, or remove it'))
  }
  return {
    annotations,
    migration: {
      name: file.name.slice(0, -'.sql'.length),
      description: undefined,
      run: 'once',
      up: part(up),
      down: down !== undefined ? part(down) : marks.length === 0 ? undefined : emptySection(file),
    },
    findings,
  }
}

function findAnnotations(text: string, mark: string): readonly Annotation[] {
  const line = new RegExp(`^[ \\t]*--[ \\t]*\\${mark}[ \\t]+(\\S.*?)[ \\t]*$`, 'gim')
  return [...text.matchAll(line)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    word: (match[1] ?? '').toUpperCase().replace(/\s+/g, ' '),
  }))
}
