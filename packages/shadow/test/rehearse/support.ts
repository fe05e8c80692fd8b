import { buildGraph, type Migration, MigrationRunner, ok, planFromStore } from '@tidemark/core'
import { createServerDatabase } from '@tidemark/pg-driver'
import type { TestDatabase } from '@tidemark/test-servers'
import { type RehearsalReport, type RehearseOptions, rehearsePlan } from '../../src/index.ts'

/** Applies migrations to a target, as `up` does. */
export async function applyTo(
  { url }: Pick<TestDatabase, 'url'>,
  migrations: readonly Migration[],
): Promise<void> {
  const runner = new MigrationRunner({
    database: createServerDatabase({ database: url }),
    migrations: { readMigrations: async () => ok({ migrations: [...migrations], notes: [] }) },
    variables: {},
    lockWaitMs: 10_000,
    executedBy: 'test',
    toolVersion: 'test',
    newRunId: () => crypto.randomUUID(),
  })
  await runner.runMigrations()
}

/** Rehearses what is pending on a target. */
export async function rehearseOn(
  { url }: Pick<TestDatabase, 'url'>,
  migrations: readonly Migration[],
  options: Omit<Partial<RehearseOptions>, 'reader' | 'plan'> = {},
): Promise<RehearsalReport> {
  const reader = await createServerDatabase({ database: url }).openReader()
  try {
    const graph = buildGraph(migrations, { variables: options.variables })
    if (!graph.ok) throw new TypeError(graph.error.map(({ message }) => message).join('; '))
    const plan = await planFromStore(reader.store, {
      graph: graph.value,
      history: await reader.store.readHistory(),
    })
    if (!plan.ok) throw new TypeError(plan.error.map(({ message }) => message).join('; '))
    return await rehearsePlan({ reader, plan: plan.value, ...options })
  } finally {
    await reader.close()
  }
}

/** What a report says, in short lines. */
export function linesOf({ findings, gaps }: Pick<RehearsalReport, 'findings' | 'gaps'>): readonly string[] {
  return [
    ...findings.map(({ severity, rule, migrationId, message }) =>
      [severity, rule, ...(migrationId === null ? [] : [migrationId])].join(' ').concat(`: ${message}`),
    ),
    ...gaps.map(({ migrationId, why }) => `not rehearsed ${migrationId ?? 'the target'}: ${why}`),
  ]
}

/** What each statement of a report does, in short lines. */
export function statementsOf({ migrations }: Pick<RehearsalReport, 'migrations'>): readonly string[] {
  return migrations.flatMap(({ migrationId, outcome, statements }) => [
    `${migrationId} ${outcome}`,
    ...statements.map(({ statement, locks, work, blocks }) =>
      [
        ` ${statement}`,
        ...locks.map(({ relation, mode, basis }) => `${mode} ${relation.schema}.${relation.name} ${basis}`),
        ...work.map(({ kind, relation }) => `${kind} ${relation.name} ${relation.rows}`),
        blocks,
      ].join('; '),
    ),
  ])
}
