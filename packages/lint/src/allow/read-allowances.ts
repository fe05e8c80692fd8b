import { type Migration, type Span, suggest, tokens } from '@tidemark/core'
import { isLintRuleId, LINT_RULE_IDS, type LintRuleId } from '../model/rule-ids.ts'

/** A comment that allows what a rule finds, with its reason. */
export interface Allowance {
  readonly rule: LintRuleId
  readonly reason: string
  /** The place of its statement; null for the whole file. */
  readonly statement: number | null
  /** The comment. */
  readonly span: Span
}

/** A comment that begins like an allowance and is none. */
export interface InvalidAllowance {
  readonly statement: number | null
  readonly span: Span
  readonly message: string
}

/** What the comments of a migration allow. */
export interface Allowances {
  readonly valid: readonly Allowance[]
  readonly invalid: readonly InvalidAllowance[]
}

interface Comment {
  readonly text: string
  readonly statement: number | null
  readonly span: Span
}

const ALLOW = /^--\s*tidemark:\s*allow\b\s*([^:]*?)\s*(?::\s*(.*?)\s*)?$/is

/**
 * Reads the comments `-- tidemark: allow RULE: REASON` of a migration. Before a statement, in it, or behind it on
 * its line, one is for that statement; before `@up` it is for the file. Several rules are separated by commas.
 *
 * @example
 * // -- tidemark: allow index-not-concurrent: the table has 40 rows
 * // CREATE INDEX rates_day_idx ON rates (day);
 */
export function readAllowances(migration: Migration): Allowances {
  const valid: Allowance[] = []
  const invalid: InvalidAllowance[] = []
  for (const { text, statement, span } of listComments(migration)) {
    const [, list = '', reason = ''] = ALLOW.exec(text) ?? []
    for (const word of list.split(',').map((one) => one.trim())) {
      const why = explain(word, reason)
      if (why !== undefined) invalid.push({ statement, span, message: why })
      else if (isLintRuleId(word)) valid.push({ rule: word, reason, statement, span })
    }
  }
  return { valid, invalid }
}

function explain(word: string, reason: string): string | undefined {
  if (word === '') return 'the allowance names no rule: write `-- tidemark: allow RULE: REASON`'
  if (!isLintRuleId(word)) {
    const near = suggest(word, LINT_RULE_IDS)
    return `the allowance names "${word}", which is not a rule${near === undefined ? '' : `: did you mean "${near}"?`}`
  }
  return reason === '' ? `the allowance of "${word}" has no reason: write it after a colon` : undefined
}

function* listComments({ source, up, large }: Migration): Generator<Comment> {
  if (large !== undefined) return
  const { text } = source
  yield* commentsIn(text, { start: 0, end: up.marker.start }, () => null)
  let end = up.body.start
  let code = up.body.start
  for (const [place, statement] of up.statements.entries()) {
    const before = place - 1
    const previous = code
    yield* commentsIn(text, { start: end, end: statement.codeEnd }, (start) =>
      before >= 0 && !text.slice(previous, start).includes('\n') ? before : place,
    )
    end = statement.end
    code = statement.codeEnd
  }
  const last = up.statements.length - 1
  yield* commentsIn(text, { start: end, end: up.body.end }, () => (last < 0 ? null : last))
}

function* commentsIn(
  text: string,
  span: Span,
  statementAt: (start: number) => number | null,
): Generator<Comment> {
  if (!text.slice(span.start, span.end).includes('tidemark')) return
  for (const { kind, start, end } of tokens(text, span)) {
    const comment = text.slice(start, end)
    if (kind !== 'line_comment' || !ALLOW.test(comment)) continue
    yield { text: comment, statement: statementAt(start), span: { start, end } }
  }
}
