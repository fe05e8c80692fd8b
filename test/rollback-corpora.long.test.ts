import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigrationRunner } from '@tidemark/pg-driver'
import {
  type CorpusFile,
  corporaMissing,
  corpusFolder,
  createTestDatabase,
  executePlainly,
  executeSection,
  readCatalog,
  readCorpus,
  type TestDatabase,
} from '@tidemark/test-servers'
import { describe, expect, test } from 'vitest'
import { splitByParser } from './split-by-parser.ts'

/**
 * `TIDEMARK_FULL=1` compares the catalogs after each single step; without it after every tenth, and at the
 * end.
 */
const EVERY = process.env['TIDEMARK_FULL'] === '1' ? 1 : 10

/** crates_io and hatchet own tables whose names are those of the tracking tables. */
const projects = [
  ['openfga', 'public'],
  ['bitmagnet', 'public'],
  ['goalert', 'public'],
  ['crates_io', 'tidemark'],
  ['concourse', 'public'],
  ['hatchet', 'tidemark'],
] as const

describe.skipIf(corporaMissing)(
  `rolling back other projects' migrations${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  () => {
    test.each(projects)(
      '%s, tracked in schema %s, goes down as far as plain execution does, with equal catalogs on the way',
      async (project, schema) => {
        const plain = await createTestDatabase()
        const ours = await createTestDatabase()
        try {
          const files = readCorpus(project)
          await executePlainly(plain.url, files, splitByParser)
          const runner = createMigrationRunner({
            database: ours.url,
            migrations: corpusFolder(project),
            schema,
          })
          await runner.runMigrations()

          const steps = await goDown({ plain, ours, files, schema, runner })

          expect(steps).toBeGreaterThan(0)
          expect(await readCatalog(ours.url, { trackingSchema: schema })).toEqual(
            await readCatalog(plain.url, { trackingSchema: schema }),
          )
        } finally {
          await Promise.all([plain.drop(), ours.drop()])
        }
      },
      600_000,
    )

    test('openfga goes up, down to nothing with the files gone, and up again', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tidemark-openfga-'))
      cpSync(corpusFolder('openfga'), folder, { recursive: true })
      const database = await createTestDatabase()
      try {
        const empty = await readCatalog(database.url)
        const runner = createMigrationRunner({ database: database.url, migrations: folder })
        const { done } = await runner.runMigrations()
        const full = await readCatalog(database.url)
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })

        const down = await runner.rollBack({ request: { kind: 'all' } })
        expect(down.done).toEqual([...done].reverse())
        expect(await readCatalog(database.url)).toEqual(empty)

        cpSync(corpusFolder('openfga'), folder, { recursive: true })
        expect((await runner.runMigrations()).done).toEqual(done)
        expect(await readCatalog(database.url)).toEqual(full)
      } finally {
        await database.drop()
        rmSync(folder, { recursive: true })
      }
    }, 120_000)
  },
)

interface Descent {
  readonly plain: TestDatabase
  readonly ours: TestDatabase
  readonly files: readonly CorpusFile[]
  readonly schema: string
  readonly runner: ReturnType<typeof createMigrationRunner>
}

/**
 * Rolls back file by file in both databases until plain execution fails or there is no `@down`; then ours
 * must refuse too.
 */
async function goDown({ plain, ours, files, schema, runner }: Descent): Promise<number> {
  let steps = 0
  for (const file of [...files].reverse()) {
    const isPlainDone =
      file.down !== undefined &&
      (await executeSection(plain.url, file, file.down, splitByParser).then(
        () => true,
        () => false,
      ))
    if (!isPlainDone) {
      await expect(runner.rollBack(), `${file.id} goes down where plain execution fails`).rejects.toThrow()
      return steps
    }
    expect((await runner.rollBack()).done).toEqual([file.id])
    steps += 1
    if (steps % EVERY !== 0) continue
    expect(await readCatalog(ours.url, { trackingSchema: schema }), `after ${file.id}`).toEqual(
      await readCatalog(plain.url, { trackingSchema: schema }),
    )
  }
  return steps
}
