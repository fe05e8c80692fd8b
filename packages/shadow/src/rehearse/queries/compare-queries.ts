import type { BrokenQuery, RehearsedQueries } from '../report/rehearsal.ts'
import type { QueryVerdict } from './check-queries.ts'
import type { ApplicationQuery } from './query.ts'

/** Tells which queries work before the plan and not after it, and of which nothing is known. */
export function compareQueries(
  queries: readonly ApplicationQuery[],
  before: readonly QueryVerdict[],
  after: readonly QueryVerdict[],
): RehearsedQueries {
  const broken: BrokenQuery[] = []
  const notCompared: BrokenQuery[] = []
  for (const [index, { text, source }] of queries.entries()) {
    const [old, now] = [before[index], after[index]]
    if (old === undefined || now === undefined) continue
    if (old.kind === 'fails') {
      notCompared.push({ text, source, why: old.why })
      continue
    }
    const why = whyBroken(old, now)
    if (why !== undefined) broken.push({ text, source, why })
  }
  return { compared: queries.length - notCompared.length, broken, notCompared }
}

function whyBroken(
  before: Extract<QueryVerdict, { readonly kind: 'works' }>,
  now: QueryVerdict,
): string | undefined {
  if (now.kind === 'fails') return now.why
  const [empty] = now.leftEmpty.filter((column) => !before.leftEmpty.includes(column))
  if (empty !== undefined) return `it gives no value to ${empty}, which is required`
  if (now.parameterTypes === before.parameterTypes) return undefined
  const [old, other] = [before.parameterTypes, now.parameterTypes].map((types) =>
    types.replaceAll('\n', ', '),
  )
  return `the types of its parameters change from (${old}) to (${other})`
}
