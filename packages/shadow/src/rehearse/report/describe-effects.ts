import {
  isStronger,
  type LockMode,
  type SampledRelation,
  type SessionSample,
  type TouchedRelation,
} from '@tidemark/core'
import type { TargetRelation } from '../target/target.ts'
import type { StepTrace, TracedStep } from '../trace/trace-step.ts'
import { estimateDuration, type Speed } from './estimate-duration.ts'
import type { RehearsedLock, RehearsedStatement, RehearsedWork, SizedRelation } from './rehearsal.ts'

/** What is needed to describe effects on a copy as effects on the target. */
export interface EffectGround {
  /** The copy before the plan: names there are those of the target. */
  readonly start: SessionSample
  /** By {@link relationKey}. */
  readonly sizes: ReadonlyMap<string, TargetRelation>
  readonly speed: Speed | undefined
}

/** Names a relation in a map. */
export function relationKey({ schema, name }: Pick<SizedRelation, 'schema' | 'name'>): string {
  return `${schema}\0${name}`
}

/**
 * Tells what the statements of a step do on the target, by the names that relations have there before the plan.
 * What the plan makes itself is left out: nobody waits for it.
 *
 * @param done how many statements of the file are done there already
 */
export function describeEffects(
  { traces }: TracedStep,
  ground: EffectGround,
  { transaction, done }: { readonly transaction: 'required' | 'none'; readonly done: number },
): readonly RehearsedStatement[] {
  let held: LockMode | undefined
  return traces.map((trace) => {
    if (transaction === 'none') held = undefined
    const locks = listLocks(trace, ground)
    for (const { mode } of locks) if (isStronger(mode, held)) held = mode
    const work = listWork(trace, ground)
    return {
      statement: trace.place + done,
      locks,
      work,
      blocks: blockedBy(held),
      duration: estimateDuration(work, ground.speed),
    }
  })
}

function blockedBy(mode: LockMode | undefined): RehearsedStatement['blocks'] {
  if (mode === 'ACCESS EXCLUSIVE') return 'everybody'
  return mode === 'SHARE' || mode === 'SHARE ROW EXCLUSIVE' || mode === 'EXCLUSIVE' ? 'writers' : 'nobody'
}

function listLocks(trace: StepTrace, ground: EffectGround): readonly RehearsedLock[] {
  return trace.effects.locks.flatMap(({ relation, mode }) => {
    const there = onTarget(relation, trace, ground)
    return there === undefined || there.kind === 'index' || there.kind === 'partitioned index'
      ? []
      : [{ relation: there, mode, basis: trace.locks }]
  })
}

/** Rows that are changed under a condition are counted nowhere: they are not known. */
function listWork(trace: StepTrace, ground: EffectGround): readonly RehearsedWork[] {
  const { effects, facts } = trace
  const of = (kind: RehearsedWork['kind'], relations: readonly TouchedRelation[]) =>
    relations.flatMap((relation): readonly RehearsedWork[] => {
      const there = onTarget(relation, trace, ground)
      return there === undefined ? [] : [{ kind, relation: there }]
    })
  if (facts.command === 'TRUNCATE') return []
  // What the planner chooses on an empty table says nothing of a full one.
  if (CHANGES_ROWS.has(facts.command)) {
    return of(
      'changes_rows',
      effects.locks
        .filter(({ mode, relation }) => mode === 'ROW EXCLUSIVE' && HAS_ROWS.has(relation.kind))
        .map(({ relation }) => relation),
    )
  }
  const built = effects.indexBuilds.map(({ table }) => table)
  const isReadAnyway = new Set([...effects.rewrites, ...built].map(relationKey))
  return [
    ...of('rewrite', effects.rewrites),
    ...of('index_build', built),
    ...of(
      'scan',
      facts.isQuery ? [] : effects.scans.filter((relation) => !isReadAnyway.has(relationKey(relation))),
    ),
  ]
}

const HAS_ROWS: ReadonlySet<string> = new Set(['table', 'partitioned table', 'foreign table'])
const CHANGES_ROWS: ReadonlySet<string> = new Set(['UPDATE', 'DELETE', 'MERGE', 'WITH'])

/** The relation as it is on the target; undefined for what the plan made. */
function onTarget(
  { schema, name }: TouchedRelation,
  { before, after }: StepTrace,
  { start, sizes }: EffectGround,
): SizedRelation | undefined {
  const is = (one: SampledRelation) => one.schema === schema && one.name === name
  const now = [...after.relations.values()].find(is) ?? [...before.relations.values()].find(is)
  const found = now === undefined ? undefined : start.relations.get(now.oid)
  if (found === undefined) return undefined
  const { rows, bytes, indexes, indexBytes } = sizes.get(relationKey(found)) ?? UNKNOWN
  return { schema: found.schema, name: found.name, kind: found.kind, rows, bytes, indexes, indexBytes }
}

const UNKNOWN = { rows: null, bytes: null, indexes: 0, indexBytes: null } as const
