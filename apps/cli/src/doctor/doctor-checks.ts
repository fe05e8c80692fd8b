import { type LockHolder, TidemarkError } from '@tidemark/core'
import type { ServerExamination } from '@tidemark/pg-driver'
import type { Settings } from '../config/settings.ts'
import { count } from '../text/count.ts'
import type { Examination } from './doctor.ts'
import { type Check, check, errorCheck } from './doctor-check.ts'
import { trackingChecks } from './doctor-tracking-checks.ts'

/** Judges what `doctor` found: every area, the good ones too. Pure. */
export function doctorChecks({ settings, project, database, drift }: Examination): readonly Check[] {
  const first = [configurationCheck(settings), filesCheck(project)]
  if (database.kind === 'unnamed') {
    const help = 'name one with `--database-url`, `TIDEMARK_DATABASE_URL` or the key `database`'
    return [...first, { ...check('connection', 'problem', 'no database is named', help), code: 'TM7001' }]
  }
  if (database.kind === 'failed') return [...first, errorCheck('connection', 'problem', database.error)]
  if (database.kind === 'embedded') {
    return [
      ...first,
      check('connection', 'ok', `the embedded database opens: ${database.target.host}`),
      check('server', 'ok', `PostgreSQL ${database.version}, one process at a time`),
      ...driftChecks(drift),
    ]
  }
  const { server, applicationRoute } = database
  return [
    ...first,
    ...connectionChecks(server, applicationRoute),
    serverCheck(server),
    poolerCheck(server),
    lockCheck(server.lockHolder),
    ...roleChecks(server),
    ...trackingChecks(server, settings),
    ...driftChecks(drift),
  ]
}

function driftChecks(drift: Examination['drift']): readonly Check[] {
  if (drift === null) return []
  const { severity, message, help = null, code } = drift
  if (severity === 'note') return [check('drift', 'ok', message)]
  return [{ ...check('drift', 'warning', message, help), code }]
}

function configurationCheck({ configPath, environment, protected: isProtected }: Settings): Check {
  const parts = [
    configPath === undefined ? 'no configuration file' : configPath,
    ...(environment === undefined ? [] : [`environment "${environment}"`]),
    ...(isProtected ? ['protected'] : []),
  ]
  return check('configuration', 'ok', parts.join(', '))
}

function filesCheck(project: Examination['project']): Check {
  if (project instanceof TidemarkError) {
    const state = project.code === 'TM7020' ? 'warning' : 'problem'
    const help = project.diagnostics.length > 0 ? 'see `tidemark validate`' : (project.help ?? null)
    return { ...errorCheck('files', state, project), help }
  }
  const { graph, notes } = project
  const warnings = notes.filter(({ severity }) => severity === 'warning').length
  const files = count(graph.nodes.length, 'migration')
  if (warnings === 0) return check('files', 'ok', `${files}, no problem`)
  return check('files', 'warning', `${files}, ${count(warnings, 'warning')}`, 'see `tidemark validate`')
}

function connectionChecks(
  server: ServerExamination,
  applicationRoute: TidemarkError | null,
): readonly Check[] {
  const { target } = server
  return [
    check('connection', 'ok', 'connected, with this user and password'),
    ...(applicationRoute === null ? [] : [errorCheck('connection', 'problem', applicationRoute)]),
    encryptionCheck(server, isThisMachine(target.host)),
  ]
}

function isThisMachine(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function encryptionCheck({ tls }: ServerExamination, isNear: boolean): Check {
  if (tls === null) {
    if (isNear) return check('encryption', 'ok', 'none, within this machine')
    return check(
      'encryption',
      'warning',
      'none: the traffic can be read by others',
      'add ?sslmode=verify-full to the URL',
    )
  }
  const how = `${tls.protocol ?? 'TLS'}, ${tls.cipher}`
  if (tls.checked === 'authority and host name')
    return check('encryption', 'ok', `${how}; certificate checked`)
  const gap = tls.checked === 'nothing' ? 'the certificate is not checked' : 'the host name is not checked'
  return check(
    'encryption',
    'note',
    `${how}; ${gap}`,
    'sslmode=verify-full with sslrootcert=FILE checks the server',
  )
}

const OLDEST = 14
const NEWEST = 18

function serverCheck({ version, versionNumber }: ServerExamination): Check {
  const major = Math.floor(versionNumber / 10_000)
  if (major >= OLDEST && major <= NEWEST) return check('server', 'ok', `PostgreSQL ${version}`)
  const help = `Tidemark is tested on PostgreSQL ${OLDEST} to ${NEWEST}`
  return check('server', 'warning', `PostgreSQL ${version}: not tested`, help)
}

function poolerCheck({ pooler, poolerHelp }: ServerExamination): Check {
  if (pooler === 'none') return check('pooler', 'ok', 'none: a direct connection')
  if (pooler === 'session')
    return check('pooler', 'ok', 'a pooler in session mode, which is good for migrating')
  return {
    ...check(
      'pooler',
      'problem',
      'a transaction pooler: the run lock and session settings do not work through it',
      poolerHelp,
    ),
    code: 'TM5002',
  }
}

function lockCheck(holder: LockHolder | null): Check {
  if (holder === null) return check('lock', 'ok', 'free: no run in progress')
  const who = holder.applicationName ?? 'another session'
  const since = holder.since === null ? '' : ` since ${holder.since.toISOString()}`
  return check(
    'lock',
    'note',
    `held by ${who}, pid ${holder.pid}${since}${describeIdle(holder)}`,
    `${holder.idle === undefined ? 'a run would wait for it' : 'if its runner is gone, a pooler keeps its session'}; to end it: SELECT pg_terminate_backend(${holder.pid});`,
  )
}

function describeIdle({ idle }: LockHolder): string {
  if (idle === undefined) return ''
  return `, idle${idle.client === null ? '' : ` for ${idle.client}`}, and nothing has been recorded since ${idle.since.toISOString()}`
}

function roleChecks({ role, namedRoles }: ServerExamination): readonly Check[] {
  const facts = [
    role.superuser ? 'a superuser' : 'not a superuser',
    ...(role.memberOf.length === 0
      ? []
      : [`member of ${role.memberOf.join(', ')}${role.inherits ? '' : ' (without inheriting)'}`]),
  ]
  return [
    check('role', 'ok', `"${role.name}", ${facts.join(', ')}`),
    ...namedRoles.flatMap(({ name, exists, member }) => {
      if (!exists)
        return [
          check(
            'role',
            'problem',
            `files say "Role: ${name}", which does not exist here`,
            `CREATE ROLE "${name}"`,
          ),
        ]
      if (member) return []
      return [
        check(
          'role',
          'problem',
          `files say "Role: ${name}", which "${role.name}" may not become`,
          `GRANT "${name}" TO "${role.name}"`,
        ),
      ]
    }),
  ]
}
