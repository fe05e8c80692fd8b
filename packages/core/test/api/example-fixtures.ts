import { createServer } from 'node:net'
import { join } from 'node:path'
import type { CatalogMark, Migration, MigrationRow, StoredMigration } from '../../src/index.ts'
import {
  buildGraph,
  fingerprintCatalog,
  type History,
  parseMigration,
  planApply,
  savePlan,
  storedSectionText,
  toCatalog,
} from '../../src/index.ts'
import { attemptsOf } from '../builders/attempt-builder.ts'

/** What the examples in docstrings talk about without introducing it. */
export function exampleFixtures(folder: string): Record<string, unknown> {
  const migrations = [
    migrate('001_users', [], 'CREATE TABLE users (id int);'),
    migrate('002_views', ['001_users'], 'CREATE VIEW names AS SELECT 1;'),
    migrate('003_orders', ['001_users'], 'CREATE TABLE orders (id int);'),
    migrate('003_posts', ['001_users'], 'CREATE TABLE posts (id int);'),
    migrate('004_likes', ['003_posts'], 'CREATE TABLE likes (id int);'),
    migrate('004_tags', ['003_posts'], 'CREATE TABLE tags (id int);'),
    migrate('007_fix', [], 'SELECT 1;'),
    migrate('040_add_phone', ['001_users'], 'ALTER TABLE users ADD phone text;'),
  ]
  const graph = unwrap(buildGraph(migrations))
  const [migration] = migrations
  if (migration === undefined) throw new TypeError('there is a first migration')
  const history: History = { kind: 'present', rows: [appliedRow(migration)] }
  const plan = unwrap(planApply({ graph, history }))
  const target = {
    host: 'localhost',
    port: 5432,
    database: 'shop',
    user: 'ada',
    schema: 'public',
    systemIdentifier: null,
  }
  const stored = storedFrom(migration)
  const attempts = attemptsOf({ migrationId: '001_users', runId: '36f437de' })
  const otherwise: StoredMigration = {
    ...stored,
    downSql: 'SELECT 2;',
    header: { ...stored.header, description: 'People' },
    checksum: 'other',
  }
  return {
    migrations,
    graph,
    history,
    attempts,
    runs: [{ runId: '36f437de' }],
    plan,
    migration,
    row: appliedRow(migration),
    header: { ...migration.header, description: 'users', type: 'create_table' },
    saved: savePlan(plan, target),
    session: { target },
    stored: Object.assign(new Map([['001_users', stored]]), otherwise),
    targets: { value: ['001_users'] },
    store: { readStored: async () => new Map([['001_users', stored]]), readHistory: async () => history },
    diagnostic: buildGraphProblem(),
    client: catalogClient(),
    catalog: toCatalog([]),
    mark: catalogMark,
    recorded: catalogMark,
    readFile: async () => Buffer.from(JSON.stringify(savePlan(plan, target))),
    writeFile: async () => undefined,
    folder,
    createServer,
    join,
    runner: {
      runMigrations: async () => ({ done: [] }),
      createMigrationPlan: async () => plan,
      status: async () => ({ pending: [] }),
    },
  }
}

function migrate(id: string, dependsOn: readonly string[], sql: string): Migration {
  const text = `-- Depends on: [${dependsOn.join(', ')}]\n\n-- @up\n${sql}\n\n-- @down\nSELECT 1;\n`
  return unwrap(parseMigration({ path: `migrations/${id}.sql`, text })).migration
}

function buildGraphProblem(): unknown {
  const graph = buildGraph([
    migrate('005_user', [], 'SELECT 1;'),
    migrate('007_add_orders', ['005_users'], 'SELECT 1;'),
  ])
  return graph.ok ? undefined : graph.error[0]
}

const catalogMark: CatalogMark = {
  fingerprint: fingerprintCatalog(toCatalog([])),
  role: 'ada',
  reading: '1',
  recordedAt: new Date(0),
}

/** A connection to a server that has one table. */
function catalogClient(): unknown {
  const row = { kind: 'table', id: 'public.users', facet: 'owner', value: 'app' }
  const rare = { operators: false, textSearch: false, foreignData: false, replication: false }
  return {
    query: async (text: string) => ({
      rows: text.startsWith('EXECUTE')
        ? [row]
        : text.includes('server_version_num')
          ? [{ version: 180_004, role: 'ada', now: 0, ...rare }]
          : [],
    }),
  }
}

function appliedRow(migration: Migration): MigrationRow {
  return {
    id: migration.id,
    status: 'completed',
    checksum: migration.checksum,
    type: migration.header.type,
    dependsOn: migration.header.dependsOn,
    header: migration.header,
    replacedBy: null,
    reversible: true,
    appliedAt: new Date(0),
    executionTimeMs: 1,
    errorMessage: null,
    direction: null,
    statementsDone: null,
    runId: null,
    earlierChecksums: [],
  }
}

function storedFrom(migration: Migration): StoredMigration {
  return {
    id: migration.id,
    checksum: migration.checksum,
    upSql: storedSectionText(migration, migration.up),
    downSql: migration.down === undefined ? null : storedSectionText(migration, migration.down),
    verifySql: null,
    header: migration.header,
  }
}

function unwrap<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (result.ok) return result.value
  throw new Error(JSON.stringify(result.error))
}
