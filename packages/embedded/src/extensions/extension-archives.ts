import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Extensions that come in an archive of their own name. */
const NAMESAKES = [
  ...[
    'amcheck',
    'bloom',
    'btree_gin',
    'btree_gist',
    'citext',
    'cube',
    'dict_int',
    'dict_xsyn',
    'earthdistance',
  ],
  ...[
    'file_fdw',
    'fuzzystrmatch',
    'hstore',
    'intarray',
    'isn',
    'lo',
    'ltree',
    'pageinspect',
    'pg_buffercache',
  ],
  ...['pg_freespacemap', 'pg_logicalinspect', 'pg_stat_statements', 'pg_surgery', 'pg_trgm', 'pg_visibility'],
  ...[
    'pg_walinspect',
    'pgcrypto',
    'seg',
    'tablefunc',
    'tcn',
    'tsm_system_rows',
    'tsm_system_time',
    'unaccent',
  ],
  'uuid-ossp',
]

/** Extensions of PostgreSQL's `spi` module, which share one archive. */
const OF_SPI = ['autoinc', 'insert_username', 'moddatetime', 'refint']

const REQUIRED: Readonly<Record<string, string>> = { earthdistance: 'cube' }

/** Well-known extensions of hosted platforms that PGlite does not ship. */
export const HOSTED_EXTENSIONS: ReadonlySet<string> = new Set([
  ...[
    'pg_cron',
    'pg_graphql',
    'pg_jsonschema',
    'pg_net',
    'pgjwt',
    'pgmq',
    'pgsodium',
    'pgtap',
    'plv8',
    'postgis',
  ],
  ...['supabase_vault', 'timescaledb', 'vector', 'wrappers', 'http', 'hypopg', 'index_advisor', 'pgaudit'],
])

const GAP = String.raw`(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)+`
const CREATE_EXTENSION = new RegExp(
  String.raw`\bcreate${GAP}extension${GAP}(?:if${GAP}not${GAP}exists${GAP})?(?:"((?:[^"]|"")+)"|([a-z_][\w$]*)|)`,
  'gi',
)

/**
 * Extensions beside those that PGlite ships: by name the archive (`.tar.gz`), or the folder of `.control` and
 * `.sql` files of one without a library.
 */
export type ExtensionArchives = Readonly<Record<string, string>>

/** Every extension that can be created in the embedded database, sorted. */
export function availableExtensions(added: ExtensionArchives = {}): readonly string[] {
  return [...new Set([...NAMESAKES, ...OF_SPI, 'plpgsql', ...Object.keys(added)])].sort()
}

/** Where each extension's archive lies, by the extension's name. */
export function extensionArchivePaths(added: ExtensionArchives = {}): ExtensionArchives {
  const directory = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const archive = (name: string) => join(directory, `${name}.tar.gz`)
  return Object.fromEntries([
    ...NAMESAKES.map((name) => [name, archive(name)]),
    ...OF_SPI.map((name) => [name, archive('spi')]),
    ...Object.entries(added),
  ])
}

/**
 * Lists the extensions that a text creates, also in the strings of a DO block; names as PostgreSQL folds
 * them. `undefined` is a name that is computed.
 *
 * @example findCreatedExtensions('CREATE EXTENSION "uuid-ossp"; create extension PgCrypto') // ['uuid-ossp', 'pgcrypto']
 */
export function findCreatedExtensions(sql: string): readonly (string | undefined)[] {
  return [...sql.matchAll(CREATE_EXTENSION)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.toLowerCase(),
  )
}

/**
 * Finds the archives that must be unpacked before a text runs: those of the extensions it creates, with what
 * these require; all of them where a name is computed or the text asks what is available.
 */
export function findExtensionArchives(sql: string, added: ExtensionArchives = {}): readonly string[] {
  const created = findCreatedExtensions(sql)
  const paths = extensionArchivePaths(added)
  const needsAll = created.includes(undefined) || /\bpg_available_extension/i.test(sql)
  const names = needsAll ? Object.keys(paths) : created.flatMap((name) => [REQUIRED[name ?? ''], name])
  return [...new Set(names.flatMap((name) => (name === undefined ? [] : (paths[name] ?? []))))]
}
