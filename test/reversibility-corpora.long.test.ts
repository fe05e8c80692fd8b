import { createDirectoryReader } from '@tidemark/core/node'
import {
  type CorpusFile,
  corporaMissing,
  corpusFolder,
  createTestDatabase,
  executeSection,
  readCorpus,
  sharedServerUrl,
  type TestDatabase,
} from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  checkMigrations,
  openShadow,
  type Reversibility,
  type ReversibilityVerdict,
} from '../packages/shadow/src/index.ts'
import { findDumper, normalizeDump, type SchemaDumper } from './catalog/pg-dump.ts'
import { splitByParser } from './split-by-parser.ts'

/** crates_io and hatchet own tables whose names are those of the tracking tables. */
const PROJECTS = [
  ['openfga', 'public'],
  ['bitmagnet', 'public'],
  ['concourse', 'public'],
  ['hatchet', 'tidemark'],
  ['goalert', 'public'],
  ['crates_io', 'tidemark'],
] as const

/** What plain execution and the dump say of one `@down`: the columns of a table in another order are a case of their own. */
type Plain = Extract<
  ReversibilityVerdict,
  'exact' | 'column_order' | 'differs' | 'down_fails' | 'irreversible'
>

describe.skipIf(corporaMissing)(
  `what check says of each @down is what plain execution and pg_dump say${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  () => {
    let admin: TestDatabase
    let role: string
    beforeAll(async () => {
      admin = await createTestDatabase()
      role = `check_${admin.name}`
      await admin.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret'`)
    })
    afterAll(async () => {
      const left = await admin.query<{ name: string }>(
        `SELECT datname::text AS name FROM pg_database WHERE datdba = '${role}'::regrole`,
      )
      for (const { name } of left) await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
      await admin.query(`DROP ROLE ${role}`)
      await admin.drop()
    })

    test.each(PROJECTS)(
      '%s, on a server and on PGlite',
      async (project, schema) => {
        const plain = await judgePlainly(readCorpus(project))
        const address = new URL(sharedServerUrl())
        address.username = role
        address.password = 'secret'
        for (const server of [{ server: { url: address.href } }, {}]) {
          const report = await checkAll(project, { schema, ...server })
          const found = new Map((report.reversibility ?? []).map((one) => [one.migrationId, one]))
          const unknown = new Set(
            report.gaps.flatMap(({ part, migrationId }) => (part === null ? [migrationId] : [])),
          )
          const differing = [...plain].flatMap(([id, verdict]) => {
            const one = found.get(id)
            const ours = one === undefined ? 'not checked' : schemaVerdict(one)
            return ours === verdict || unknown.has(id) ? [] : [{ id, plain: verdict, ours }]
          })
          summarize(project, report)
          expect(differing, report.shadow.engine).toEqual([])
          // A `@down` that brings back the schema is never said to fail for want of it.
          expect(found.size - unknown.size).toBeGreaterThan(0)
        }
      },
      1_800_000,
    )
  },
)

async function checkAll(project: string, options: Parameters<typeof openShadow>[0]) {
  const read = await createDirectoryReader({ directory: corpusFolder(project) }).readMigrations()
  if (!read.ok) throw new TypeError(read.error.map(({ message }) => message).join('; '))
  return checkMigrations({
    migrations: read.value.migrations,
    parts: ['reversibility'],
    open: (migrations) => openShadow({ ...options, migrations }),
  })
}

/** What the schema alone says: rows are no matter of the dump. */
function schemaVerdict({ verdict, rows, differences }: Reversibility): ReversibilityVerdict {
  if (rows === null || (verdict !== 'loses_data' && verdict !== 'down_fails')) return verdict
  if (differences.length === 0) return 'exact'
  const isOrder = differences.every(
    (one) => one.change === 'changed' && one.facets.every(({ facet }) => facet === 'column order'),
  )
  return isOrder ? 'column_order' : 'differs'
}

function summarize(
  project: string,
  { reversibility, gaps, shadow }: Awaited<ReturnType<typeof checkAll>>,
): void {
  const counts = new Map<string, number>()
  const add = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1)
  for (const { verdict, rows } of reversibility ?? []) {
    add(verdict === 'down_fails' && rows !== null ? 'down_fails_with_rows' : verdict)
    if (rows?.verdict === 'up_fails') add(rows.failsOnAnyRow ? 'up_any_row' : 'needs_data')
    for (const _ of rows?.seeded ?? []) add('seeded')
    for (const _ of rows?.unseeded ?? []) add('unseeded')
  }
  console.log(project, shadow.engine, JSON.stringify(Object.fromEntries(counts)), `gaps ${gaps.length}`)
  if (process.env['TIDEMARK_FULL'] !== '1') return
  for (const { migrationId, verdict, rows, failure } of reversibility ?? [])
    if (rows !== null && (rows.verdict === 'lost' || rows.failure !== null || rows.unseeded.length > 0))
      console.log(
        ' ',
        migrationId,
        verdict,
        JSON.stringify({ ...rows, seeded: rows.seeded.length }),
        failure?.message ?? '',
      )
}

/** Executes every file on one database, and each `@down` on a copy of it. */
async function judgePlainly(files: readonly CorpusFile[]): Promise<ReadonlyMap<string, Plain>> {
  const database = await createTestDatabase()
  const verdicts = new Map<string, Plain>()
  try {
    const dump = await findDumper(database.url)
    let before = await dump(database.url)
    for (const file of files) {
      await executeSection(database.url, file, file.up, splitByParser)
      verdicts.set(file.id, await judgeDown(database, file, { before, dump }))
      before = await dump(database.url)
    }
    return verdicts
  } finally {
    await database.drop()
  }
}

interface Before {
  readonly before: string
  readonly dump: SchemaDumper
}

async function judgeDown(database: TestDatabase, file: CorpusFile, { before, dump }: Before): Promise<Plain> {
  if (file.down === undefined) return 'irreversible'
  const copy = await createTestDatabase({ template: database.name })
  try {
    const isDone = await executeSection(copy.url, file, file.down, splitByParser).then(
      () => true,
      () => false,
    )
    if (!isDone) return 'down_fails'
    const after = await dump(copy.url)
    if (normalizeDump(after) === normalizeDump(before)) return 'exact'
    return sortColumns(normalizeDump(after)) === sortColumns(normalizeDump(before))
      ? 'column_order'
      : 'differs'
  } finally {
    await copy.drop()
  }
}

/** The lines of each CREATE TABLE in one order, whatever that of its columns is. */
function sortColumns(dump: string): string {
  return dump.replace(
    /^(CREATE (?:UNLOGGED )?TABLE [^\n]*\(\n)([\s\S]*?)(\n\))/gm,
    (_, start: string, columns: string, end: string) =>
      start +
      columns
        .split('\n')
        .map((line) => line.replace(/,$/, ''))
        .sort()
        .join('\n') +
      end,
  )
}
