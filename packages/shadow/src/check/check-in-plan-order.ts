import {
  type Catalog,
  listDescendants,
  type Migration,
  type MigrationGraph,
  type MigrationId,
  type TidemarkError,
} from '@tidemark/core'
import { createLinter, type LinterOptions, type LintFinding } from '@tidemark/lint'
import type { Shadow } from '../port/shadow.ts'
import { checkBodies } from './observe/check-bodies.ts'
import { type ObservedMigration, observeMigration, readSchema } from './observe/observe-migration.ts'
import type { CheckGap, CheckPart, TracedMigration } from './report/check-report.ts'
import type { Reversibility } from './reversibility/reversibility.ts'
import { applyOne } from './trial/apply-one.ts'

/** What {@link checkInPlanOrder} works on. */
export interface PlanOrderGround {
  readonly graph: MigrationGraph
  readonly asked: ReadonlySet<number>
  readonly parts: readonly CheckPart[]
  readonly lint?: LinterOptions | undefined
  open(migrations: readonly Migration[]): Promise<Shadow>
  readonly onProgress?: ((progress: PlanOrderProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

interface PlanOrderProgress {
  readonly part: CheckPart
  readonly done: number
  readonly total: number
}

/** What one pass in plan order showed. */
export interface InPlanOrder {
  readonly shadow: Pick<Shadow, 'engine' | 'serverVersion' | 'schema'>
  readonly failed: readonly { readonly migrationId: MigrationId; readonly error: TidemarkError }[]
  /** What was not executed, in plan order: what failed, what cannot be run on this shadow, what needs such. */
  readonly unknown: readonly MigrationId[]
  /** Why, of those that are checked and did not fail. */
  readonly gaps: readonly CheckGap[]
  readonly reversibility: readonly Reversibility[]
  readonly statements: readonly TracedMigration[]
  readonly lint: readonly LintFinding[]
}

/**
 * Applies what is checked in plan order to a shadow of the rest, and looks at each before it is applied: what its
 * statements do, and what its `@down` gives back.
 *
 * @throws TidemarkError when a migration fails that is not checked.
 */
export async function checkInPlanOrder(ground: PlanOrderGround): Promise<InPlanOrder> {
  const { graph, asked } = ground
  const idOf = (index: number) => graph.nodes[index]?.migration.id ?? ''
  const behind = new Set(listDescendants(graph, [...asked].map(idOf)).map(({ index }) => index))
  const isLater = (index: number) => asked.has(index) || behind.has(index)
  const rest = graph.nodes.filter(({ index }) => !isLater(index)).map(({ migration }) => migration)
  const shadow = await ground.open(rest)
  try {
    const { engine, serverVersion, schema } = shadow
    return { shadow: { engine, serverVersion, schema }, ...(await walk(ground, shadow, isLater)) }
  } finally {
    await shadow.close()
  }
}

async function walk(
  { graph, asked, parts, lint, onProgress, signal }: PlanOrderGround,
  shadow: Shadow,
  isLater: (index: number) => boolean,
): Promise<Omit<InPlanOrder, 'shadow'>> {
  const failed: { migrationId: MigrationId; error: TidemarkError }[] = []
  const reversibility: Reversibility[] = []
  const statements: TracedMigration[] = []
  const linter = parts.includes('lint') ? await createLinter(lint) : undefined
  const unknown = new Map<MigrationId, string>(
    shadow.notChecked.map(({ migrationId, why }) => [migrationId, why]),
  )
  const later = graph.nodes.filter(({ index }) => isLater(index))
  let schema: Catalog | null = null
  for (const [done, { migration, index, dependencies }] of later.entries()) {
    signal?.throwIfAborted()
    onProgress?.({ part: 'runs', done, total: later.length })
    const lacking = dependencies
      .map((one) => graph.nodes[one]?.migration.id ?? '')
      .find((id) => unknown.has(id))
    if (lacking !== undefined) {
      unknown.set(migration.id, `depends on "${lacking}", which was not executed`)
      continue
    }
    const observed: ObservedMigration | undefined = asked.has(index)
      ? await observeMigration(shadow, migration, { parts, before: schema })
      : undefined
    schema = null
    if (observed?.traced != null && parts.includes('statements')) statements.push(observed.traced)
    if (observed?.reversibility != null) reversibility.push(observed.reversibility)
    const error = await applyOne(shadow, migration)
    if (error !== null) {
      failed.push({ migrationId: migration.id, error })
      unknown.set(migration.id, 'failed')
    }
    for (const { migrationId, why } of shadow.notChecked) {
      if (!unknown.has(migrationId)) unknown.set(migrationId, why)
    }
    if (linter === undefined || observed?.before == null) continue
    const { before, after, traced } = observed
    if (error !== null) linter.addFailed(migration, before)
    else if (!unknown.has(migration.id)) {
      const applied = after ?? (await readSchema(shadow))
      schema = isSure(observed) ? applied : null
      linter.add({
        migration,
        before,
        after: applied,
        observed: traced === null || traced.untraced !== null ? null : traced.statements,
      })
    }
  }
  const failures = new Set(failed.map(({ migrationId }) => migrationId))
  const isAsked = new Set([...asked].map((index) => graph.nodes[index]?.migration.id))
  const gaps = [...unknown].flatMap(([migrationId, why]): readonly CheckGap[] =>
    failures.has(migrationId) || !isAsked.has(migrationId) ? [] : [{ part: null, migrationId, why }],
  )
  return {
    failed,
    unknown: [...unknown.keys()],
    gaps,
    reversibility,
    statements,
    lint: linter?.finish({ bodies: await checkBodies(shadow) }) ?? [],
  }
}

/** Whether the schema after a migration is what is there: a second `@up` that makes something else shows that it is not. */
function isSure({ after, reversibility }: ObservedMigration): boolean {
  return after === null || reversibility?.secondUp?.kind === 'same'
}
