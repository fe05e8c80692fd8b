import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { isSqlFile, TidemarkError } from '@tidemark/core'
import { createFile, makeFolder, replaceFile } from '@tidemark/core/node'
import { type DetectedProject, detectProject, FORMATS } from '@tidemark/import'
import { CONFIG_NAMES } from '../config/find-config.ts'
import { readEnvFileBeside } from '../config/read-env-file.ts'
import { FIRST_MIGRATION } from './first-migration.ts'

/** How a project is laid out. */
export interface InitOptions {
  readonly folder: string
  /** Names the embedded database in the configuration. */
  readonly embedded: boolean
  /** The folder for migrations that was asked for: relative to the folder of the project, or absolute. */
  readonly migrations?: string | undefined
  /** A database is named by a flag or a variable. */
  readonly hasDatabase: boolean
  /** The schema of the tracking tables that was asked for. */
  readonly schema?: string | undefined
}

/** What was written, and what was recognised. */
export interface InitializedProject {
  /** Paths relative to the folder. */
  readonly written: readonly string[]
  readonly isSupabase: boolean
  /** Another tool's migrations that `import` can take over. */
  readonly foreign: DetectedProject | undefined
  /** The variable of `.env` that the configuration takes its database from. */
  readonly variable: string | undefined
  /** The folder for migrations was made, and is left to the user: there is a database already. */
  readonly hasDatabase: boolean
  /** The schema of the tracking tables, when it is not the usual one. */
  readonly schema: string | undefined
}

/**
 * Writes a configuration, a first migration unless there are some (also of another tool) or a database is
 * named, and `.tidemark/` into .gitignore. Overwrites nothing.
 *
 * @throws {TidemarkError} TM7011 when there is a configuration.
 */
export async function initProject(options: InitOptions): Promise<InitializedProject> {
  const { folder, embedded } = options
  const present = CONFIG_NAMES.find((name) => existsSync(join(folder, name)))
  if (present !== undefined) {
    const help = 'go on with `tidemark new NAME`, or remove it first'
    throw new TidemarkError({ code: 'TM7011', message: `"${present}" already exists`, help })
  }
  const projects = await detectProject(folder)
  const isSupabase = projects.some(({ format }) => format === 'supabase')
  const foreign = projects.find(({ hasMigrations }) => hasMigrations)
  // Their table is `schema_migrations` too: in a schema of our own both can stay.
  const table = foreign && FORMATS[foreign.format].history?.table
  const sharesName = isSupabase || table?.name === 'schema_migrations'
  const preset = foreign !== undefined && overlaps(folder, foreign) ? 'tidemark-migrations' : 'migrations'
  const migrations = options.migrations === undefined ? preset : inProject(folder, options.migrations)
  const schema = options.schema ?? (sharesName ? 'tidemark' : undefined)
  const variable = embedded ? undefined : await findDatabaseVariable(folder)
  const hasDatabase = !embedded && (options.hasDatabase || variable !== undefined)
  const config = {
    $schema: './node_modules/tidemark/config.schema.json',
    ...(embedded ? { database: 'pglite:.tidemark/db' } : {}),
    ...(variable === undefined ? {} : { database: `$\{${variable}}` }),
    migrations,
    ...(schema === undefined ? {} : { schema }),
    // Its migrations name roles and schemas that no plain database has; a server is asked for nothing.
    ...(isSupabase ? { embedded: { profile: 'supabase' } } : {}),
  }
  await createFile(join(folder, 'tidemark.config.json'), `${JSON.stringify(config, null, 2)}\n`)
  const written = [
    'tidemark.config.json',
    ...(foreign === undefined ? await writeFirstMigration(folder, migrations, hasDatabase) : []),
    ...(await ignoreData(folder)),
  ]
  return { written, isSupabase, foreign, variable, hasDatabase, schema }
}

/** The other tool's files may not lie where Tidemark reads, nor around it. */
function overlaps(folder: string, foreign: DetectedProject): boolean {
  const own = join(folder, 'migrations')
  return `${foreign.folder}${sep}`.startsWith(own + sep) || own.startsWith(foreign.folder + sep)
}

function inProject(folder: string, path: string): string {
  return relative(folder, resolve(folder, path)).split(sep).join('/') || '.'
}

/** The variable of `.env` that names a database: `DATABASE_URL`, else the first with the URL of a server. */
async function findDatabaseVariable(folder: string): Promise<string | undefined> {
  const variables = Object.entries(await readEnvFileBeside(folder))
  const names = variables.flatMap(([name, value]) =>
    /^postgres(?:ql)?:\/\//.test(value ?? '') ? [name] : [],
  )
  return names.find((name) => name === 'DATABASE_URL') ?? names[0]
}

/** A sample table is for an empty project: it does not go into a database that somebody has. */
async function writeFirstMigration(
  folder: string,
  migrations: string,
  hasDatabase: boolean,
): Promise<readonly string[]> {
  await makeFolder(join(folder, migrations))
  const names = await readdir(join(folder, migrations), { recursive: true })
  if (hasDatabase || names.some(isSqlFile)) return []
  const path = `${migrations}/${FIRST_MIGRATION.id}.sql`
  await createFile(join(folder, path), FIRST_MIGRATION.text)
  return [path]
}

async function ignoreData(folder: string): Promise<readonly string[]> {
  const path = join(folder, '.gitignore')
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  if (/^\/?\.tidemark\/?\s*$/m.test(text)) return []
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  await replaceFile(path, `${text}${gap}.tidemark/\n`)
  return ['.gitignore']
}
