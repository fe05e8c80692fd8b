import type { Redactor } from '../redact/redactor.ts'

/** One problem, as a report shows it. */
export interface Problem {
  /** What it is about: a code such as `TM2002`, or a rule of `check`. */
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'note'
  readonly message: string
  /** More facts, a sentence each. */
  readonly details: readonly string[]
  /** What to do, a sentence each. */
  readonly helps: readonly string[]
  readonly path: string | null
  readonly line: number | null
  readonly column: number | null
  /** All of it, as a terminal without colour shows it. */
  readonly text: string
}

/** Takes secrets out of a problem. A report is a file that others read, and nothing else looks at it. */
export function redactProblem(problem: Problem, { redact }: Pick<Redactor, 'redact'>): Problem {
  return {
    ...problem,
    message: redact(problem.message),
    details: problem.details.map(redact),
    helps: problem.helps.map(redact),
    text: redact(problem.text),
  }
}
