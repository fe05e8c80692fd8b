import { diagnose } from '../diagnostic/diagnose.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { tokens } from '../sql/tokens.ts'
import type { Span } from '../text/span.ts'
import type { Migration } from './model/migration.ts'

/**
 * Finds names that say `public` in a file: TM1046, a warning for each, the first time it is there. In a folder
 * that is applied with search paths such a name means the same object for every tenant. The body of a function
 * in dollar quotes is looked into.
 *
 * @example findPublicNames(migration).length // 1 for `CREATE TABLE public.users ()`
 */
export function findPublicNames(migration: Migration): readonly Diagnostic[] {
  const { source, up, down, verify } = migration
  const { text } = source
  const seen = new Set<string>()
  const statements = [up, down, verify].flatMap((section) => section?.statements ?? [])
  return statements.flatMap(({ codeStart, codeEnd }) =>
    [...publicNames(text, { start: codeStart, end: codeEnd })].flatMap((span) => {
      const name = text.slice(span.start, span.end)
      if (seen.has(name)) return []
      seen.add(name)
      return diagnose(source, {
        code: 'TM1046',
        severity: 'warning',
        span,
        message: `"${name}" is one object for all search paths`,
        help: 'write the name without "public.", so that it is that of the tenant; keep it where all of them share it',
      })
    }),
  )
}

function* publicNames(text: string, within: Span): Generator<Span> {
  let before: Span | undefined
  let isAfterDot = false
  let opened: Span | undefined
  for (const token of tokens(text, within)) {
    const { kind, start, end } = token
    if (kind === 'line_comment' || kind === 'block_comment') continue
    if (kind === 'dollar_string') yield* publicNames(text, bodyOf(text, token))
    const isName = kind === 'word' || kind === 'quoted_word'
    const isDot = text.slice(start, end) === '.'
    if (opened !== undefined && isName) yield { start: opened.start, end }
    opened = isDot ? before : undefined
    before = isName && !isAfterDot && isPublic(text.slice(start, end)) ? { start, end } : undefined
    isAfterDot = isDot
  }
}

function isPublic(name: string): boolean {
  return name.toLowerCase() === 'public' || name === '"public"'
}

/** Without the tags at its ends. */
function bodyOf(text: string, { start, end }: Span): Span {
  const tag = text.indexOf('$', start + 1) + 1 - start
  return { start: start + tag, end: Math.max(start + tag, end - tag) }
}
