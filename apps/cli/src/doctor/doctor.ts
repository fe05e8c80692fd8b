import { type Diagnostic, type PlanTarget, TidemarkError } from '@tidemark/core'
import { examineServer, type ServerExamination } from '@tidemark/pg-driver'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import type { Settings } from '../config/settings.ts'
import { openDatabase } from '../database/open-database.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { type Project, readProject } from '../project/read-project.ts'
import { readDriftFinding } from '../status/read-drift-finding.ts'

/** What `doctor` found; nothing in it is judged yet. */
export interface Examination {
  readonly settings: Settings
  /** The files, or why they cannot be read. */
  readonly project: Project | TidemarkError
  readonly database: ExaminedDatabase
  /** With `trackDrift`: whether the schema has changed since the last run; null where that is not known. */
  readonly drift: Diagnostic | null
}

/** The database as far as it could be looked at. */
export type ExaminedDatabase =
  | { readonly kind: 'unnamed' }
  | { readonly kind: 'failed'; readonly error: TidemarkError }
  | { readonly kind: 'embedded'; readonly target: PlanTarget; readonly version: string }
  | {
      readonly kind: 'server'
      readonly server: ServerExamination
      /**
       * Of `database`, when `directUrl` leads to the server that is examined: null when it leads there too.
       */
      readonly applicationRoute: TidemarkError | null
    }

/** Looks at files, configuration and database without writing or locking anything. */
export async function examine(settings: Settings, signal: AbortSignal): Promise<Examination> {
  const project = await readProject(settings).catch(toKnown)
  const roles = project instanceof TidemarkError ? [] : rolesOf(project)
  const named = settings.database ?? settings.directUrl
  const database: ExaminedDatabase =
    settings.unsetDatabase !== undefined
      ? { kind: 'failed', error: settings.unsetDatabase }
      : named === undefined
        ? { kind: 'unnamed' }
        : await examineDatabase({ ...settings, database: named }, roles, signal).catch((error: unknown) => ({
            kind: 'failed',
            error: toKnown(error),
          }))
  const isOpen = database.kind === 'server' || database.kind === 'embedded'
  const drift =
    isOpen && named !== undefined && settings.trackDrift
      ? await findDrift({ ...settings, database: named }, signal)
      : null
  return { settings, project, database, drift }
}

/** What keeps it from being known is reported by other checks. */
async function findDrift(settings: DatabaseSettings, signal: AbortSignal): Promise<Diagnostic | null> {
  try {
    const [finding] = await readDriftFinding(settings, signal)
    return finding
  } catch {
    return null
  }
}

function rolesOf({ graph }: Project): readonly string[] {
  const roles = graph.nodes.flatMap(({ migration }) => migration.header.role ?? [])
  return [...new Set(roles)].sort()
}

async function examineDatabase(
  settings: DatabaseSettings,
  roles: readonly string[],
  signal: AbortSignal,
): Promise<ExaminedDatabase> {
  if (isEmbeddedUrl(settings.database)) {
    const session = await (await openDatabase(settings)).openReader(signal)
    await session.close()
    return { kind: 'embedded', target: session.target, version: session.serverVersion }
  }
  const { database, directUrl, schema, readers, rowSecurity } = settings
  const server = await examineServer({
    database,
    directUrl,
    schema,
    readers,
    rowSecurity,
    roles,
    connectTimeout: settings.connectTimeoutMs,
    signal,
  })
  const applicationRoute = directUrl === undefined ? null : await checkRoute(settings, server, signal)
  return { kind: 'server', server, applicationRoute }
}

/** Reading goes by `database`, migrating by `directUrl`: both must lead to one database. */
async function checkRoute(
  settings: DatabaseSettings,
  server: ServerExamination,
  signal: AbortSignal,
): Promise<TidemarkError | null> {
  try {
    const session = await (await openDatabase(settings)).openReader(signal)
    await session.close()
    const { database, systemIdentifier } = session.target
    const isSame = database === server.target.database && systemIdentifier === server.systemIdentifier
    return isSame ? null : elsewhere()
  } catch (error) {
    return toKnown(error)
  }
}

function elsewhere(): TidemarkError {
  return new TidemarkError({
    code: 'TM7003',
    message: '"database" and "directUrl" lead to different databases',
    help: 'status and plan read through "database", runs write through "directUrl": both must name the same database',
  })
}

function toKnown(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error
  throw error
}
