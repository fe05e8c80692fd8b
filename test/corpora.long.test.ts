import { createMigrationRunner } from '@tidemark/pg-driver'
import {
  corporaMissing,
  corpusFolder,
  createTestDatabase,
  executePlainly,
  readCatalog,
  readCorpus,
} from '@tidemark/test-servers'
import { describe, expect, test } from 'vitest'
import { splitByParser } from './split-by-parser.ts'

/**
 * crates_io once dropped a table named schema_migrations of its own: the tracking tables have to live
 * elsewhere there.
 */
const projects = [
  ['openfga', 'public'],
  ['bitmagnet', 'public'],
  ['goalert', 'public'],
  ['crates_io', 'tidemark'],
  ['concourse', 'public'],
  ['hatchet', 'tidemark'],
] as const

describe.skipIf(corporaMissing)(
  `migrations of other projects${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  () => {
    test.each(projects)(
      '%s, tracked in schema %s, ends with the catalog that plain execution gives',
      async (project, schema) => {
        const plain = await createTestDatabase()
        const ours = await createTestDatabase()
        const files = readCorpus(project)
        await executePlainly(plain.url, files, splitByParser)

        const runner = createMigrationRunner({
          database: ours.url,
          migrations: corpusFolder(project),
          schema,
        })
        const { done } = await runner.runMigrations()

        expect(done).toEqual(files.map(({ id }) => id))
        const options = { trackingSchema: schema }
        expect(await readCatalog(ours.url, options)).toEqual(await readCatalog(plain.url, options))
        expect((await runner.runMigrations()).outcome).toBe('nothing_to_do')
        await plain.drop()
        await ours.drop()
      },
      180_000,
    )
  },
)
