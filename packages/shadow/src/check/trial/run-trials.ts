import {
  type AncestorSets,
  type Catalog,
  collectAncestors,
  type Migration,
  readCatalog,
  scopeCatalog,
} from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import type { CheckGround } from './check-ground.ts'
import { commitSection } from './commit-section.ts'
import type { Direction } from './read-statements.ts'
import { runSection, runsInTrial } from './run-section.ts'
import { type TrialFailure, toTrialFailure } from './trial-failure.ts'
import { migrationAt, type TrialGraph } from './trial-graph.ts'

/** Something to try where some migrations are applied, and nothing else. */
export interface Trial<T> {
  /** What is to be there, with all that these need; asked when the trial begins. */
  readonly needs: (graph: TrialGraph) => readonly number[]
  /** What may run in the trial besides: it decides whether all can be done in one transaction. */
  readonly runs: readonly number[]
  run(bench: TrialBench): Promise<T>
  /** The result when what it needs cannot be applied itself. */
  onGroundFailure(failure: GroundFailure): T
}

/** A database in which a trial takes place. */
export interface TrialBench {
  /** Runs a section of a migration; what failed, or null. After a failure only {@link reset} is possible. */
  run(index: number, direction: Direction): Promise<TrialFailure | null>
  /** The schema as it is now, without the tracking tables. */
  read(): Promise<Catalog>
  /** Runs a query of our own. */
  query<Row extends object>(text: string): Promise<readonly Row[]>
  /** Goes back to where the trial began. */
  reset(): Promise<void>
}

/** A migration that a trial needs, and that failed before it began. */
export interface GroundFailure {
  readonly index: number
  readonly failure: TrialFailure
}

/**
 * Runs trials one after the other and yields what each found, in their order. What all that are left need is
 * committed once; the rest of what a trial needs runs with it in one transaction, which is rolled back. So no
 * copies are made, and trials in plan order repeat little. A trial in which something failed is repeated,
 * committed, on a copy, for some statements fail only because an earlier one is not committed.
 *
 * What a trial needs is asked when its turn comes: it may be more than at the beginning.
 */
export async function* runTrials<T>(ground: CheckGround, trials: readonly Trial<T>[]): AsyncGenerator<T> {
  const { graph, onProgress, signal } = ground
  let shadow: Shadow | undefined
  try {
    for (const [done, trial] of trials.entries()) {
      signal?.throwIfAborted()
      onProgress?.(done, trials.length)
      const ancestors = collectAncestors(graph.dependencies)
      const closure = listClosure(ancestors, trial.needs(graph))
      const others = trials.slice(done + 1).map((one) => one.needs(graph))
      const common = closure.filter((index) =>
        others.every((needs) => needs.some((one) => one === index || ancestors.needs(one, index))),
      )
      shadow ??= await openWith(ground, common)
      await commit(shadow, pick(graph, listMissing(graph, shadow, common)))
      yield await runTrial({ ...ground, shadow }, trial, listMissing(graph, shadow, closure))
    }
  } finally {
    await shadow?.close()
  }
}

/** A shadow that has these migrations, or nothing where one of them fails. */
async function openWith(ground: CheckGround, indexes: readonly number[]): Promise<Shadow> {
  try {
    return await ground.open(pick(ground.graph, indexes))
  } catch (error) {
    toTrialFailure(error, 'up')
    return ground.open([])
  }
}

/** What fails is left out: the trials that need it say so. */
async function commit(shadow: Shadow, migrations: readonly Migration[]): Promise<void> {
  if (migrations.length === 0) return
  try {
    await shadow.apply(migrations)
  } catch (error) {
    toTrialFailure(error, 'up')
  }
}

function pick(graph: TrialGraph, indexes: readonly number[]): readonly Migration[] {
  return indexes.map((index) => migrationAt(graph, index))
}

interface TrialGround extends CheckGround {
  readonly shadow: Shadow
}

async function runTrial<T>(ground: TrialGround, trial: Trial<T>, missing: readonly number[]): Promise<T> {
  const { graph, shadow, trackingSchema } = ground
  const scoped = (catalog: Catalog) => scopeCatalog(catalog, { trackingSchema })
  const all = [...missing, ...trial.runs].map((index) => migrationAt(graph, index))
  if (all.every(fitsTransaction)) {
    const tried = await shadow.inRolledBackTransaction(async (connection) => {
      let failed = false
      const run = async (index: number, direction: Direction) => {
        const failure = await runSection(connection, migrationAt(graph, index), direction)
        failed ||= failure !== null
        return failure
      }
      for (const index of missing) if ((await run(index, 'up')) !== null) return undefined
      await connection.query('SAVEPOINT trial')
      const result = await trial.run({
        run,
        read: async () => scoped(await readCatalog(connection, { transaction: 'caller' })),
        query: async (text) => queryRows(connection, text),
        reset: async () => {
          await connection.query('ROLLBACK TO SAVEPOINT trial')
        },
      })
      return failed ? undefined : { result }
    })
    if (tried !== undefined) return tried.result
  }
  return runCommitted(ground, trial, missing)
}

/** Repeats a trial on copies, each of which is thrown away. */
async function runCommitted<T>(
  { graph, shadow, trackingSchema }: TrialGround,
  trial: Trial<T>,
  missing: readonly number[],
): Promise<T> {
  let current = await enterCopy({ graph, shadow }, missing)
  try {
    if (current.failed !== null) return trial.onGroundFailure(current.failed)
    return await trial.run({
      run: (index, direction) => commitSection(current.connection, migrationAt(graph, index), direction),
      read: async () => scopeCatalog(await readCatalog(current.connection), { trackingSchema }),
      query: (text) => queryRows(current.connection, text),
      async reset() {
        await current.leave()
        current = await enterCopy({ graph, shadow }, missing)
      },
    })
  } finally {
    await current.leave()
  }
}

interface EnteredCopy {
  readonly connection: Connection
  /** What could not be applied. */
  readonly failed: GroundFailure | null
  leave(): Promise<void>
}

async function enterCopy(
  { graph, shadow }: Pick<TrialGround, 'graph' | 'shadow'>,
  missing: readonly number[],
): Promise<EnteredCopy> {
  const copy = await shadow.fork()
  const connection = await copy.connect()
  const leave = async () => {
    await connection.close()
    await copy.close()
  }
  for (const index of missing) {
    const failure = await commitSection(connection, migrationAt(graph, index), 'up')
    if (failure !== null) return { connection, failed: { index, failure }, leave }
  }
  return { connection, failed: null, leave }
}

async function queryRows<Row extends object>(connection: Connection, text: string): Promise<readonly Row[]> {
  return (await connection.query<Row>(text)).rows
}

function fitsTransaction(migration: Migration): boolean {
  const { up, down } = migration
  return runsInTrial(migration, up) && (down === undefined || runsInTrial(migration, down))
}

/** These and all that they need, ascending. */
function listClosure(ancestors: AncestorSets, indexes: readonly number[]): readonly number[] {
  return [...new Set(indexes.flatMap((index) => [...ancestors.list(index), index]))].sort((a, b) => a - b)
}

function listMissing(graph: TrialGraph, shadow: Shadow, indexes: readonly number[]): readonly number[] {
  const applied = new Set(shadow.applied.map(({ id }) => id))
  return indexes.filter((index) => !applied.has(migrationAt(graph, index).id))
}
