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

const projects = ['openfga', 'bitmagnet', 'goalert', 'crates_io', 'concourse', 'hatchet']

describe.skipIf(corporaMissing)(
  `migrations of other projects${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  () => {
    test.each(projects)(
      '%s ends with the catalog that plain execution gives',
      async (project) => {
        const plain = await createTestDatabase()
        const ours = await createTestDatabase()
        const files = readCorpus(project)
        await executePlainly(plain.url, files, splitByParser)

        const runner = createMigrationRunner({ database: ours.url, migrations: corpusFolder(project) })
        const result = await runner.runMigrations()

        expect(result.applied.map(({ id }) => id)).toEqual(files.map(({ id }) => id))
        expect(await readCatalog(ours.url)).toEqual(await readCatalog(plain.url))
        const secondRun = await runner.runMigrations()
        expect(secondRun.applied).toEqual([])
        await plain.drop()
        await ours.drop()
      },
      180_000,
    )
  },
)
