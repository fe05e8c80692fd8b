import { once } from 'node:events'
import { expect } from 'vitest'
import { fill, orders } from './batches-suite.ts'
import { isFree } from './build-through-kills.ts'
import { startRunnerProcess } from './runner-process.ts'
import { createServerHarness, until } from './server-harness.ts'

/** How {@link fillThroughKills} runs. */
export interface KillPlan {
  readonly rows: number
  readonly kills: number
}

/**
 * Kills the process of a runner again and again while it walks in batches, each time a few batches later; the
 * next run goes on. Every row counts how often it was touched.
 */
export async function fillThroughKills({ rows, kills }: KillPlan): Promise<void> {
  const files = { '001_fill': fill('id', ', size 200, pause 5ms') }
  const h = await createServerHarness(files)
  try {
    await h.server.query(orders('bigint', `SELECT n * 3 FROM generate_series(1, ${rows}) n`))
    const batches = async () => {
      const found = await h.server
        .query<{ n: number }>("SELECT (progress->>'batches')::int AS n FROM schema_migrations")
        .catch(() => [])
      return found[0]?.n ?? 0
    }
    for (let kill = 0; kill < kills; kill += 1) {
      const before = await batches()
      const child = await startRunnerProcess(h.server.url, files)
      const ended = once(child, 'exit')
      await until(async () => child.exitCode !== null || (await batches()) > before + (kill % 3))
      expect(child.exitCode).toBeNull()
      child.kill('SIGKILL')
      await ended
      await until(() => isFree(h))
    }
    await h.up()
    expect(await h.server.query('SELECT touched, count(*)::int AS rows FROM orders GROUP BY 1')).toEqual([
      { touched: 1, rows },
    ])
    expect(await h.rows()).toEqual(['001_fill completed'])
  } finally {
    await h.database.drop()
  }
}
