import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  corporaMissing,
  createTestDatabase,
  readCorpus,
  regressionFolder,
  startServer,
  type TestServer,
} from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareWithDump } from './catalog/compare-with-dump.ts'
import { excuse, isLeftOut } from './catalog/exceptions.ts'
import { findPgDump } from './catalog/pg-dump.ts'
import { splitByParser } from './split-by-parser.ts'

const pgDump = findPgDump()
/** The servers that come with the workspace, where a `pg_dump` can read them. */
const MAJORS = (['18', '15'] as const).filter((major) => Number(major) <= (pgDump?.major ?? 0))
const skipped = corporaMissing ?? (MAJORS.length === 0 ? 'pg_dump 15 or later is not installed' : undefined)

const PROJECTS = ['openfga', 'bitmagnet', 'goalert', 'concourse', 'crates_io', 'hatchet']

function readScripts(): readonly (readonly [name: string, statements: readonly string[]])[] {
  if (corporaMissing !== undefined) return []
  const scripts: Record<string, string[]> = JSON.parse(
    readFileSync(join(regressionFolder(), 'expected.json'), 'utf8'),
  )
  return Object.entries(scripts).filter(([, statements]) => statements.length > 0)
}

describe.skipIf(skipped)(
  `pg_dump differs exactly when the catalog does${skipped ? ` (skipped: ${skipped})` : ''}`,
  () => {
    describe.each(MAJORS)('on PostgreSQL %s', (major) => {
      let server: TestServer
      beforeAll(async () => {
        server = await startServer({ major })
      })
      afterAll(() => server.remove())

      const compare = async (statements: readonly string[]) => {
        const database = await createTestDatabase({ server })
        try {
          const { compared, disagreements } = await compareWithDump({
            url: database.url,
            statements,
            dump: (url) => pgDump?.dump(url) ?? Promise.reject(new TypeError('pg_dump was found')),
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
