import { once } from 'node:events'
import { expect } from 'vitest'
import { indexes, none } from './autocommit-suite.ts'
import { startRunnerProcess } from './runner-process.ts'
import { createServerHarness, type ServerHarness, until } from './server-harness.ts'

/** Whether nobody holds the run lock. */
export const isFree = async (h: ServerHarness) =>
  (
    await h.database.query(
      "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE locktype = 'advisory' AND datname = current_database()",
    )
  ).length === 0

/**
 * Kills a runner that builds indexes some time after it began, once a pause; the next run has to complete the
 * build once.
 */
export async function buildThroughKills(pausesMs: readonly number[]): Promise<ServerHarness> {
  const files = {
    '001_a': none(
      'CREATE TABLE b AS SELECT id, md5(id::text) AS t FROM generate_series(1, 200000) AS id;\nCREATE UNIQUE INDEX CONCURRENTLY b_id ON b (id);\nCREATE INDEX CONCURRENTLY b_t ON b (t);\nDROP INDEX CONCURRENTLY b_id;\nREINDEX INDEX CONCURRENTLY b_t;\nINSERT INTO b VALUES (0);',
    ),
  }
  const h = await createServerHarness(files)
  for (const pauseMs of pausesMs) {
    const child = await startRunnerProcess(h.server.url, files)
    const ended = once(child, 'exit')
    await until(async () => child.exitCode !== null || !(await isFree(h)))
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    child.kill('SIGKILL')
    await ended
    await until(() => isFree(h))
  }
  await h.up()
  expect(await indexes(h)).toEqual(['b_t valid'])
  expect(await h.database.query('SELECT count(*)::int AS n FROM b WHERE id = 0')).toEqual([{ n: 1 }])
  expect(await h.rows()).toEqual(['001_a completed'])
  return h
}
