import type { ServerExamination } from '@tidemark/pg-driver'
import type { Settings } from '../config/settings.ts'
import { type Check, check, errorCheck } from './doctor-check.ts'

const TABLES = 3
/** Roles that Supabase's API keys become. */
const API_ROLES = ['anon', 'authenticated', 'service_role']

/** Judges the tracking tables: whether a run could create, read and write them, and who else can. */
export function trackingChecks(
  server: ServerExamination,
  settings: Pick<Settings, 'schema' | 'readers' | 'rowSecurity'>,
): readonly Check[] {
  const { schema, readers } = settings
  const { tracking, readRefusal, writeRefusal } = server
  if (readRefusal !== null) return [errorCheck('tables', 'problem', readRefusal)]
  const state = tracking.tables.length === 0 ? missingCheck(server, schema) : presentCheck(server, schema)
  return [
    state,
    ...(writeRefusal === null ? [] : [errorCheck('tables', 'warning', writeRefusal)]),
    ...(tracking.tables.length === 0 ? [] : exposureChecks(server, settings)),
    ...readers.map((reader) => readerCheck(server, reader)),
  ]
}

function missingCheck({ tracking, role }: ServerExamination, schema: string): Check {
  const mayCreate = tracking.schemaExists ? role.createsTables === true : role.createsSchemas
  const message = `none in schema "${schema}" yet`
  if (mayCreate) return check('tables', 'note', message, 'the first run creates them')
  const grant = tracking.schemaExists
    ? `GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${role.name}"`
    : `CREATE SCHEMA "${schema}" AUTHORIZATION "${role.name}"`
  return {
    ...check(
      'tables',
      'problem',
      `${message}, and "${role.name}" may not create them`,
      `as the owner of the ${tracking.schemaExists ? 'schema' : 'database'} or a superuser: ${grant}`,
    ),
    code: 'TM3005',
  }
}

function presentCheck({ tracking }: ServerExamination, schema: string): Check {
  const owners = [...new Set(tracking.tables.map(({ owner }) => owner))].map((owner) => `"${owner}"`)
  const where = `in schema "${schema}", owned by ${owners.join(' and ')}`
  if (tracking.tables.length === TABLES) return check('tables', 'ok', where)
  return check('tables', 'note', `${where}; of an older layout`, 'the next run upgrades them in place')
}

function exposureChecks(
  { tracking, wantsRowSecurity }: ServerExamination,
  { rowSecurity }: Pick<Settings, 'rowSecurity'>,
): readonly Check[] {
  const open = tracking.tables.flatMap(({ name, grants }) =>
    ['public', ...API_ROLES].flatMap((role) => {
      const held = grants
        .filter((grant) => grant.role === role)
        .map(({ privilege, column }) => (column === null ? privilege : `${privilege} of ${column}`))
      return held.length === 0 ? [] : [`${name} to ${role} (${held.sort().join(', ')})`]
    }),
  )
  const closed = 'closed to PUBLIC and API keys'
  const secured = wantsRowSecurity ? securedChecks(tracking) : unsecuredChecks(tracking, rowSecurity)
  const warnings = [
    ...(open.length === 0
      ? []
      : [check('exposure', 'warning', `open: ${open.join('; ')}`, 'the next run fixes it')]),
    ...secured.warnings,
  ]
  return warnings.length > 0
    ? warnings
    : [check('exposure', 'ok', `${closed}; ${secured.state}`, secured.help)]
}

type Tracking = ServerExamination['tracking']

interface Secured {
  readonly state: string
  readonly help?: string
  readonly warnings: readonly Check[]
}

const DUMPS =
  'pg_dump by a role without BYPASSRLS fails on these tables: grant it BYPASSRLS, dump with --enable-row-security, or keep them in a schema of their own and leave it out with --exclude-schema'

function securedChecks({ tables }: Tracking): Secured {
  const bare = tables.filter(({ rowSecurity }) => !rowSecurity).map(({ name }) => name)
  const unread = tables.filter(({ readable }) => !readable).map(({ name }) => name)
  const help = 'the next run fixes it'
  return {
    state: 'row level security with its read policy',
    help: DUMPS,
    warnings: [
      ...(bare.length === 0
        ? []
        : [check('exposure', 'warning', `no row level security: ${bare.join(', ')}`, help)]),
      ...(unread.length === 0
        ? []
        : [check('exposure', 'warning', `no policy that shows rows to readers: ${unread.join(', ')}`, help)]),
    ],
  }
}

function unsecuredChecks({ tables }: Tracking, rowSecurity: Settings['rowSecurity']): Secured {
  const secured = tables.filter(({ rowSecurity }) => rowSecurity).map(({ name }) => name)
  const why = rowSecurity === 'never' ? 'as configured' : 'since no roles of API keys exist'
  return {
    state: `no row level security, ${why}`,
    warnings:
      secured.length === 0
        ? []
        : [
            check(
              'exposure',
              'warning',
              `row level security that is not wanted, ${why}: ${secured.join(', ')}`,
              `the next run by the owner turns it off; until then ${DUMPS}`,
            ),
          ],
  }
}

function readerCheck({ tracking }: ServerExamination, reader: string): Check {
  if (!tracking.roles.includes(reader)) {
    return {
      ...check(
        'readers',
        'problem',
        `"${reader}" does not exist`,
        'create the role, or remove it from "readers"',
      ),
      code: 'TM3007',
    }
  }
  const mayRead = tracking.tables.every(
    ({ owner, grants }) =>
      owner === reader ||
      grants.some(
        ({ role, privilege, column }) => role === reader && privilege === 'SELECT' && column === null,
      ),
  )
  return mayRead && tracking.tables.length > 0 && !tracking.shutOut.includes(reader)
    ? check('readers', 'ok', `"${reader}" may read`)
    : check('readers', 'note', `"${reader}" may not read yet`, 'the next run grants it')
}
