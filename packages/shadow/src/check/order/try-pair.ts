import type { GroundFailure, Trial, TrialBench } from '../trial/run-trials.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import { migrationAt, type TrialGraph } from '../trial/trial-graph.ts'
import { compareOrders, type OrderEnd } from './compare-orders.ts'
import type { PairVerdict } from './pair-verdict.ts'

/**
 * Makes the trial of two migrations: both orders, on what both need.
 *
 * @param tables the bare names of the tables whose rows are compared.
 */
export function pairTrial(
  graph: TrialGraph,
  [a, b]: readonly [number, number],
  tables: ReadonlySet<string>,
): Trial<PairVerdict> {
  return {
    needs: ({ dependencies }) => [...(dependencies[a] ?? []), ...(dependencies[b] ?? [])],
    runs: [a, b],
    async run(bench) {
      const restoreSequences = await saveSequences(bench)
      const first = await runInOrder(bench, [a, b], tables)
      await bench.reset()
      await restoreSequences()
      const second = await runInOrder(bench, [b, a], tables)
      if ('failure' in first || 'failure' in second) return describeFailures(graph, [a, b], first, second)
      const verdict = compareOrders(first, second)
      if (verdict.kind !== 'rows_differ') return verdict
      // Rows that differ from one run to the next, as random values do, say nothing about the order.
      await bench.reset()
      await restoreSequences()
      const again = await runInOrder(bench, [a, b], tables)
      const differing =
        'failure' in again ? [] : verdict.tables.filter((one) => again.rows.get(one) === first.rows.get(one))
      return differing.length === 0 ? { kind: 'same' } : { kind: 'rows_differ', tables: differing }
    },
    onGroundFailure: (failure) => ({ kind: 'not_checked', why: describeGround(graph, failure) }),
  }
}

interface OrderFailed {
  readonly failed: number
  readonly failure: TrialFailure
}

async function runInOrder(
  bench: TrialBench,
  order: readonly number[],
  tables: ReadonlySet<string>,
): Promise<OrderEnd | OrderFailed> {
  for (const index of order) {
    const failure = await bench.run(index, 'up')
    if (failure !== null) return { failed: index, failure }
  }
  return { catalog: await bench.read(), rows: await hashRows(bench, tables) }
}

function describeFailures(
  graph: TrialGraph,
  [a, b]: readonly [number, number],
  first: OrderEnd | OrderFailed,
  second: OrderEnd | OrderFailed,
): PairVerdict {
  const idOf = (index: number) => migrationAt(graph, index).id
  for (const [end, begins] of [
    [first, a],
    [second, b],
  ] as const) {
    if ('failure' in end && end.failed === begins) {
      return { kind: 'fails_alone', failed: idOf(begins), failure: end.failure }
    }
  }
  if ('failure' in first) {
    const { failed, failure } = first
    if ('failure' in second) return { kind: 'both_fail', failed: idOf(failed), failure }
    return { kind: 'one_order_fails', first: idOf(b), failed: idOf(failed), failure }
  }
  if (!('failure' in second)) throw new TypeError('one of the orders failed')
  return { kind: 'one_order_fails', first: idOf(a), failed: idOf(second.failed), failure: second.failure }
}

function describeGround(graph: TrialGraph, { index, failure }: GroundFailure): string {
  return `"${migrationAt(graph, index).id}" cannot be applied with its ancestors alone: ${failure.message}`
}

interface TableRow {
  readonly name: string
  readonly hash: string
}

/** Hashes the rows of tables, whatever order they are in. */
async function hashRows(
  bench: TrialBench,
  tables: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = await bench.query<{ name: string; bare: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relname AS bare
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.oid >= 16384 AND n.nspname !~ '^pg_'`,
  )
  const hashes = new Map<string, string>()
  for (const { name } of found.filter(({ bare }) => tables.has(bare.toLowerCase()))) {
    const [row] = await bench.query<TableRow>(
      `SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), '')) AS hash FROM ONLY ${name} t`,
    )
    hashes.set(name, row?.hash ?? '')
  }
  return hashes
}

/** Sequences do not go back with a transaction: gives what sets them as they are now. */
async function saveSequences(bench: TrialBench): Promise<() => Promise<void>> {
  const sequences = await bench.query<{ name: string; value: string | null; start: string }>(
    `SELECT pg_catalog.format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value, start_value::text AS start
     FROM pg_catalog.pg_sequences`,
  )
  return async () => {
    for (const { name, value, start } of sequences) {
      const text = `'${name.replaceAll("'", "''")}'::pg_catalog.regclass`
      await bench.query(`SELECT pg_catalog.setval(${text}, ${value ?? start}, ${value !== null})`)
    }
  }
}
