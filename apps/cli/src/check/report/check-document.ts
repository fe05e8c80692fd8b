import { findNode, type TidemarkError } from '@tidemark/core'
import { listProblems } from '../../report/list-problems.ts'
import type { Problem } from '../../report/problem.ts'
import type { CheckJson } from '../../schema/check-schemas.ts'
import { createPaint } from '../../text/paint.ts'
import type { CheckOutcome } from '../check.ts'
import { checkToJson } from '../check-to-json.ts'
import { describeEdit, describeGap } from '../describe-check.ts'
import { presentFinding, shorten } from '../present-finding.ts'

/** What every report of a check is made of. */
export interface CheckDocument {
  /** Null where the check did not run: the problems are why. */
  readonly json: CheckJson | null
  /** Why this was checked and nothing else, such as `new or edited since main`. */
  readonly why: string
  /** The files that were checked. */
  readonly paths: readonly string[]
  readonly problems: readonly Problem[]
  readonly gaps: readonly CheckedGap[]
}

/** What was not checked of a migration. */
export interface CheckedGap {
  readonly id: string
  readonly path: string
  readonly why: string
}

/** Makes the document of a check. */
export function documentOfCheck(outcome: CheckOutcome): CheckDocument {
  const { graph, why, report } = outcome
  const json = checkToJson(outcome)
  const pathOf = (id: string) => findNode(graph, id)?.migration.source.path ?? ''
  const view = { paint: createPaint(false), width: Number.POSITIVE_INFINITY }
  return {
    json,
    why,
    paths: json.checked.map(pathOf),
    problems: (report?.findings ?? []).flatMap((finding, place) => {
      const found = json.findings[place]
      if (found === undefined) return []
      return [problemOf(found, presentFinding({ finding, json: found, graph }, view))]
    }),
    gaps: json.gaps.map((gap) => ({ id: gap.id, path: pathOf(gap.id), why: describeGap(gap) })),
  }
}

/** Makes the document of a check that did not run. */
export function documentOfFailure(error: TidemarkError): CheckDocument {
  return { json: null, why: '', paths: [], problems: listProblems(error), gaps: [] }
}

function problemOf(found: CheckJson['findings'][number], text: string): Problem {
  const { rule, severity, message, details, edits, safeSql, path, line } = found
  return {
    rule,
    severity,
    message,
    details: shorten(details),
    helps: [...edits.map(describeEdit), ...(safeSql === null ? [] : [`without harm:\n${safeSql}`])],
    path: path === '' ? null : path,
    line,
    column: null,
    text,
  }
}
