import { type Catalog, type MigrationGraph, readCatalog, scopeCatalog } from '@tidemark/core'
import { createLinter, type LinterOptions } from '@tidemark/lint'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import type { InPlanOrder } from '../check-in-plan-order.ts'
import type { TracedMigration } from '../report/check-report.ts'
import { applyOne } from '../trial/apply-one.ts'
import { runSection, runsInTrial } from '../trial/run-section.ts'
import { traceSection } from '../trial/trace-section.ts'

type Later = MigrationGraph['nodes']

/** What {@link tryInTransaction} runs. */
export interface TransactionTrial {
  /** All that the shadow does not have, in plan order. */
  readonly later: Later
  /** Which of them are looked at. */
  readonly asked: ReadonlySet<number>
  readonly lint: LinterOptions | undefined
}

/**
 * Runs migrations in one transaction that is rolled back, so that the shadow stays as it is: much faster than a copy
 * of it.
 *
 * @returns undefined where only a copy can tell: something wants a transaction of its own or has a `@verify`, or fails
 *   and another migration of the same transaction may be why.
 */
export async function tryInTransaction(
  shadow: Shadow,
  trial: TransactionTrial,
): Promise<InPlanOrder | undefined> {
  const { engine, serverVersion, schema, notChecked } = shadow
  const isPlain = trial.later.every(
    ({ migration }) => migration.verify === undefined && runsInTrial(migration, migration.up),
  )
  if (notChecked.length > 0 || !isPlain) return undefined
  const ran = await shadow.inRolledBackTransaction((connection) => runAll(connection, schema, trial))
  const about = {
    shadow: { engine, serverVersion, schema },
    gaps: [],
    reversibility: [],
    statements: ran.statements,
  }
  if (!ran.hasFailed) return { ...about, failed: [], unknown: [], lint: ran.lint }
  const [only, ...others] = trial.later
  if (only === undefined || others.length > 0) return undefined
  // A run tells more of the failure, and leaves nothing behind.
  const error = await applyOne(shadow, only.migration)
  const { id: migrationId } = only.migration
  return error === null
    ? undefined
    : { ...about, failed: [{ migrationId, error }], unknown: [migrationId], lint: [] }
}

interface Ran {
  readonly statements: readonly TracedMigration[]
  readonly lint: InPlanOrder['lint']
  readonly hasFailed: boolean
}

async function runAll(
  connection: Connection,
  trackingSchema: string,
  { later, asked, lint }: TransactionTrial,
): Promise<Ran> {
  const linter = await createLinter(lint)
  const statements: TracedMigration[] = []
  const read = async (): Promise<Catalog> =>
    scopeCatalog(await readCatalog(connection, { transaction: 'caller' }), { trackingSchema })
  for (const { migration, index } of later) {
    if (!asked.has(index)) {
      if ((await runSection(connection, migration, 'up')) !== null)
        return { statements, lint: [], hasFailed: true }
      continue
    }
    const before = await read()
    const traced = await traceSection(connection, migration, 'up')
    statements.push({ migrationId: migration.id, statements: traced.statements, untraced: null })
    if (traced.failure !== null) return { statements, lint: [], hasFailed: true }
    linter.add({ migration, before, after: await read(), observed: traced.statements })
  }
  return { statements, lint: linter.finish(), hasFailed: false }
}
