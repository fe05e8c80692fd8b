import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { MigrationReader } from '../ports/migration-reader.ts'
import { ok } from '../result.ts'
import { MigrationRunner } from './migration-runner.ts'

/** What a runner asks of its ports, in order, with files that take so long to read. */
async function askedOf(readMs: number, use: (runner: MigrationRunner) => Promise<unknown>) {
  const asked: string[] = []
  const migrations: MigrationReader = {
    async readMigrations() {
      asked.push('read')
      if (readMs > 0) await setTimeout(readMs)
      asked.push('files are right')
      return ok({ migrations: [], notes: [] })
    },
  }
  const refuse = async () => {
    asked.push('connect')
    throw new Error('no database')
  }
  const runner = new MigrationRunner({
    migrations,
    database: {
      describeTarget: () => ({
        host: 'h',
        port: 1,
        database: 'd',
        user: 'u',
        schema: 'public',
        systemIdentifier: null,
      }),
      load: async () => void asked.push('load'),
      openReader: refuse,
      openSession: refuse,
    },
    lockWaitMs: 0,
    executedBy: 'test',
    toolVersion: '0.0.0',
    newRunId: () => '00000000-0000-0000-0000-000000000000',
  })
  await use(runner).catch(() => undefined)
  return asked
}

test('what connecting needs is loaded while files are read that take a while, and a connection waits for them', async () => {
  const expected = ['read', 'load', 'files are right', 'connect']
  expect(await askedOf(200, (runner) => runner.runMigrations())).toEqual(expected)
  expect(await askedOf(200, (runner) => runner.status())).toEqual(expected)
})

test('nothing is loaded ahead for files that are read in a moment, or when nothing connects', async () => {
  expect(await askedOf(0, (runner) => runner.runMigrations())).toEqual(['read', 'files are right', 'connect'])
  expect(await askedOf(200, (runner) => runner.listBranches())).toEqual(['read', 'files are right'])
})
