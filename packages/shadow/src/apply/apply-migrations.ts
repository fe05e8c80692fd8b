import {
  type Migration,
  type MigrationId,
  MigrationRunner,
  ok,
  quoteIdentifier,
  TidemarkError,
  type VariableValues,
} from '@tidemark/core'
import type { ScratchDatabase, ShadowEngine } from '../engine/shadow-engine.ts'
import type { NotChecked } from '../port/shadow.ts'
import { bindForShadow, shadowValues } from '../prefix/for-shadow.ts'
import { listDependents } from '../prefix/plan-order.ts'
import { judgeFailure } from './judge-failure.ts'

/** What a scratch database has. Grows while migrations are applied. */
export interface ShadowState {
  /** All that it was to have: what was applied, and what could not be. */
  known: readonly Migration[]
  applied: readonly Migration[]
  notChecked: readonly NotChecked[]
  roles: readonly string[]
  /** What was applied without a run: the next run has to be told of it. */
  unrecorded: readonly Migration[]
}

/** What {@link applyMigrations} works on. */
export interface ApplyTarget {
  readonly engine: Pick<ShadowEngine, 'refuse' | 'mayCreateRoles' | 'lacksPrivileges' | 'freeRole'>
  readonly scratch: ScratchDatabase
  readonly state: ShadowState
  /** Values of the variables that files declare. */
  readonly variables: VariableValues
  /** Under which the database that this one started from is kept. */
  readonly key?: string | undefined
  /** Ends what runs. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Applies what is not there yet, with the runner of `up`. A migration that needs what the shadow does not
 * have is left out with its dependents and noted; a role that is named and missing is created, and the
 * migration is tried again.
 *
 * @throws TidemarkError when a migration fails by itself; what was applied before is in the state.
 */
export async function applyMigrations(target: ApplyTarget, migrations: readonly Migration[]): Promise<void> {
  const { engine, state } = target
  const known = new Map(state.known.map(({ id, checksum }) => [id, checksum]))
  if (migrations.every(({ id, checksum }) => known.get(id) === checksum)) return
  const all = mergeById([...state.known, ...migrations])
  state.known = all
  leaveOut(
    state,
    all,
    migrations.flatMap((migration) => {
      const why = engine.refuse(migration)
      return why === undefined ? [] : { migrationId: migration.id, why }
    }),
  )
  leaveOut(state, all, listDependents(all, idsOf(state.notChecked)))
  try {
    for (;;) {
      const failure = await runOnce(target, runnable(all, state.notChecked))
      if (failure === undefined) return
      await settle(target, all, failure)
    }
  } finally {
    // What failed is not tried again with what is applied next.
    const settled = new Set([...state.applied.map(({ id }) => id), ...idsOf(state.notChecked)])
    state.known = all.filter(({ id }) => settled.has(id))
  }
}

/** Notes a migration that was applied without a run. */
export function noteKept(state: ShadowState, migration: Migration): void {
  state.known = mergeById([...state.known, migration])
  state.applied = [...state.applied, migration]
  state.unrecorded = [...state.unrecorded, migration]
}

/** Takes the failure into account, or throws it. */
async function settle(target: ApplyTarget, all: readonly Migration[], error: TidemarkError): Promise<void> {
  const { engine, scratch, state } = target
  const id = error.details['migration']
  const migration = all.find((one) => one.id === id)
  // As another role it has that role's privileges, here and on the target.
  const lacksPrivileges = engine.lacksPrivileges && migration?.header.role === null
  const verdict = judgeFailure(error, { lacksPrivileges })
  if (typeof id !== 'string' || verdict.kind === 'fails') throw error
  if (verdict.kind === 'role_exists') {
    if (await engine.freeRole(verdict.role, target.key)) return
    throw error
  }
  if (verdict.kind === 'not_checked') return leaveOut(state, all, [{ migrationId: id, why: verdict.why }])
  const { role } = verdict
  if (!engine.mayCreateRoles) {
    const why = `needs the role "${role}", which the server of the shadow does not have`
    return leaveOut(state, all, [{ migrationId: id, why }])
  }
  // A role that was created and is missing again was dropped by the migration itself.
  if (state.roles.includes(role)) throw error
  const connection = await scratch.connect()
  try {
    await connection.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN`)
  } finally {
    await connection.close()
  }
  state.roles = [...state.roles, role]
}

async function runOnce(
  { scratch, state, variables, signal }: ApplyTarget,
  migrations: readonly Migration[],
): Promise<TidemarkError | undefined> {
  const bound = migrations.map((migration) => forHere(bindForShadow(migration, variables)))
  const runner = new MigrationRunner({
    database: scratch.database,
    migrations: { readMigrations: async () => ok({ migrations: bound, notes: [] }) },
    // They are filled in already; the runner wants every one to have a value.
    variables: Object.fromEntries(migrations.flatMap((one) => Object.entries(shadowValues(one, variables)))),
    lockWaitMs: 0,
    executedBy: 'shadow',
    toolVersion: 'shadow',
    newRunId: () => crypto.randomUUID(),
  })
  const byId = new Map(migrations.map((migration) => [migration.id, migration]))
  const note = (id: MigrationId): void => {
    const migration = byId.get(id)
    if (migration !== undefined) state.applied = [...state.applied, migration]
  }
  const unrecorded = state.unrecorded.map(({ id }) => id)
  if (unrecorded.length > 0) await runner.mark({ ids: unrecorded, as: 'completed', signal })
  state.unrecorded = []
  let failure: TidemarkError | undefined
  try {
    await runner.runMigrations({
      signal,
      onEvent: (event) => {
        if (event.kind === 'step_failed') failure = event.error
        if (event.kind === 'step_finished') note(event.step.id)
      },
    })
    return undefined
  } catch (error) {
    if (failure === undefined || !(error instanceof TidemarkError)) throw error
    return error
  }
}

/** What is handed in is meant, whatever environment it is for. */
function forHere(migration: Migration): Migration {
  const { environments, ...header } = migration.header
  if (environments === undefined) return migration
  // A file that was recalled gives its parts on demand: they are no properties of its own.
  const { id, source, dependsOnSpans, replacesSpans, checksum, up, down, verify, large } = migration
  const parts = { id, source, dependsOnSpans, replacesSpans, checksum, up, down, verify }
  return { ...parts, header, ...(large === undefined ? {} : { large }) }
}

/** Notes what is not checked, and with it what depends on it. */
function leaveOut(state: ShadowState, all: readonly Migration[], found: readonly NotChecked[]): void {
  if (found.length === 0) return
  const known = new Set([...state.applied.map(({ id }) => id), ...idsOf(state.notChecked)])
  const added = found.filter(({ migrationId }) => !known.has(migrationId))
  const dependents = listDependents(all, idsOf([...state.notChecked, ...added]))
  state.notChecked = [
    ...state.notChecked,
    ...added,
    ...dependents.filter(({ migrationId }) => !known.has(migrationId)),
  ]
}

function runnable(all: readonly Migration[], notChecked: readonly NotChecked[]): readonly Migration[] {
  const left = new Set(idsOf(notChecked))
  return all.filter(({ id }) => !left.has(id))
}

function idsOf(notChecked: readonly NotChecked[]): readonly MigrationId[] {
  return notChecked.map(({ migrationId }) => migrationId)
}

function mergeById(migrations: readonly Migration[]): readonly Migration[] {
  return [...new Map(migrations.map((migration) => [migration.id, migration])).values()]
}
