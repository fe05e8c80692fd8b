import { TidemarkError } from '@tidemark/core'
import { type RawBuilder, sql } from 'kysely'
import { type CompiledStatement, compileStatement } from '../../statement/compiled-statement.ts'
import type { TrackingTable } from '../../statement/tracking-tables.ts'
import { API_ROLES } from '../schema/inspect.ts'
import { HISTORY_SEQUENCE, READ_POLICY, TRACKING_TABLES } from '../schema/tracking-schema.ts'
import type { TableState, TrackingState } from '../schema/tracking-state.ts'
import type { InstallOptions } from './install.ts'

/**
 * Builds what closes the tables to everyone and opens them to the readers; where row level security is wanted
 * it is turned on, with the one policy without which a reader would see no rows. Nothing when all is so
 * already.
 */
export function privilegeStatements(
  state: TrackingState,
  options: InstallOptions,
): readonly CompiledStatement[] {
  const { schema, readers } = options
  for (const reader of readers) if (!state.roles.includes(reader)) throw unknownReader(reader)
  const shutOut = readers.filter((role) => !state.schemaExists || state.shutOut.includes(role))
  return [
    ...TRACKING_TABLES.flatMap((name) => {
      const table = state.tables.find((known) => known.name === name)
      return secureTable(schema, name, table, { state, options })
    }),
    ...closeSequence(schema, state),
    ...shutOut.map((role) =>
      compileStatement(schema, () => sql`grant usage on schema ${sql.id(schema)} to ${sql.id(role)}`),
    ),
  ]
}

function secureTable(
  schema: string,
  name: TrackingTable,
  table: TableState | undefined,
  { state, options }: { readonly state: TrackingState; readonly options: InstallOptions },
): readonly CompiledStatement[] {
  const { readers } = options
  const target = sql.id(schema, name)
  const closed = API_ROLES.filter((role) => state.roles.includes(role))
  const exposed = table === undefined || table.grants.some((grant) => isExposed(grant, readers))
  const unread = readers.filter((role) => exposed || !canRead(table, role))
  const statements = [
    ...(exposed
      ? [
          sql`revoke all on table ${target} from public cascade`,
          ...closed.map((role) => sql`revoke all on table ${target} from ${sql.id(role)} cascade`),
        ]
      : []),
    ...(wantsRowSecurity(state, options) ? turnOn(target, table) : []),
    ...unread.map((role) => sql`grant select on table ${target} to ${sql.id(role)}`),
  ]
  return statements.map((statement) => compileStatement(schema, () => statement))
}

/** Tells whether the tables are to have row level security: as asked, else where API keys become roles. */
export function wantsRowSecurity(
  { roles }: Pick<TrackingState, 'roles'>,
  { rowSecurity = 'auto' }: Pick<InstallOptions, 'rowSecurity'>,
): boolean {
  return rowSecurity === 'auto' ? API_ROLES.some((role) => roles.includes(role)) : rowSecurity === 'always'
}

function turnOn(target: RawBuilder<unknown>, table: TableState | undefined): readonly RawBuilder<unknown>[] {
  return [
    ...(table?.rowSecurity === true ? [] : [sql`alter table ${target} enable row level security`]),
    ...(table?.readable === true
      ? []
      : [
          sql`drop policy if exists ${sql.id(READ_POLICY)} on ${target}`,
          sql`create policy ${sql.id(READ_POLICY)} on ${target} for select using (true)`,
        ]),
  ]
}

/**
 * The numbers of the attempts come from a sequence that nobody but the owner needs: an identity column is
 * read and filled without it.
 */
function closeSequence(schema: string, { tables, roles }: TrackingState): readonly CompiledStatement[] {
  const known = tables.find(({ name }) => name === 'migration_history')?.sequences[0]
  const open = known === undefined ? API_ROLES.filter((role) => roles.includes(role)) : known.roles
  const target = sql.id(schema, known?.name ?? HISTORY_SEQUENCE)
  return [...new Set(['public', ...open])]
    .filter((role) => known === undefined || known.roles.includes(role))
    .map((role) => {
      const grantee = role === 'public' ? sql`public` : sql.id(role)
      return compileStatement(schema, () => sql`revoke all on sequence ${target} from ${grantee} cascade`)
    })
}

function isExposed(grant: TableState['grants'][number], readers: readonly string[]): boolean {
  if (grant.privilege === 'SELECT' && readers.includes(grant.role)) return false
  return grant.role === 'public' || API_ROLES.some((role) => role === grant.role)
}

function canRead(table: TableState | undefined, reader: string): boolean {
  if (table === undefined) return false
  return (
    table.owner === reader ||
    table.grants.some(
      ({ role, privilege, column }) => role === reader && privilege === 'SELECT' && column === null,
    )
  )
}

function unknownReader(reader: string): TidemarkError {
  return new TidemarkError({
    code: 'TM3007',
    message: `the role "${reader}" in "readers" does not exist`,
    help: 'create the role, or remove it from "readers"',
    details: { reader },
  })
}
