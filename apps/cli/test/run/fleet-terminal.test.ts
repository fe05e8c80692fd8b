import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectToServer } from '@tidemark/pg-driver/engine'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { hasScript, showOnTerminal } from '../support/run-on-terminal.ts'

beforeAll(buildWhenStale)

/** A fleet whose targets wait for a lock until `release`, all at once. */
async function openHeldFleet(count: number) {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const names = Array.from({ length: count }, (_, place) => `tenant_${place}`)
  for (const name of names) await database.query(`CREATE SCHEMA ${name}`)
  const targets = names.map((name) => ({ name, database: database.url, schema: name }))
  const holder = await connectToServer({ url: database.url, applicationName: 'holder', timeoutMs: 10_000 })
  onTestFinished(() => holder.close())
  await holder.query('SELECT pg_advisory_lock(77)')
  const project = await openProject({
    'migrations/001_wait.sql':
      '-- Migration: 001_wait\n-- Type: custom_sql\n\n-- @up\nSELECT pg_advisory_lock_shared(77);\n',
    'tidemark.config.json': JSON.stringify({
      fleet: { targets, perServer: 30, concurrency: 30, waves: ['50%', '100%'] },
      lockTimeout: 0,
    }),
  })
  return { project, names, release: () => holder.query('SELECT pg_advisory_unlock(77)') }
}

test.skipIf(!hasScript)(
  'on a narrow terminal the targets that run have a table, and nothing of it is left',
  async () => {
    const { project, release } = await openHeldFleet(24)
    let table: readonly string[] | undefined
    const { code, lines } = await showOnTerminal(project, ['fleet', 'up'], {
      columns: 60,
      rows: 8,
      onScreen: (shown) => {
        const last = shown.slice(-7)
        if (table !== undefined || last.filter((line) => line.includes('001_wait')).length < 5) return
        table = last
        void release()
      },
    })
    expect(code).toBe(0)
    expect(table?.map((line) => line.replace(/\d+ ms|\d+\.\d s/, '<time>').replace(/ {2,}/g, '  '))).toEqual([
      expect.stringMatching(/^ \S wave 1 of 2: 50% {2}0 of 12 targets {2}<time>$/),
      ...[0, 1, 2, 3, 4].map((place) =>
        expect.stringMatching(
          new RegExp(`^  tenant_${place}  <time>  001_wait  (?:statement 1 of 1|waits for)`),
        ),
      ),
      '  … 7 more targets',
    ])
    for (const line of table ?? []) expect(line.length).toBeLessThanOrEqual(60)
    expect(lines.map((line) => line.replace(/ +(?:\d+ ms|\d+\.\d s)/, '  <time>'))).toEqual([
      'wave 1 of 2: 50%  12 of 12 targets: 12 done  <time>',
      'wave 2 of 2: 100%  12 of 12 targets: 12 done  <time>',
      expect.stringMatching(/^fleet {2}24 targets: 24 migrated {2}<time> {2}rollout \S+$/),
      '',
    ])
  },
)

test.skipIf(!hasScript).each([{ NO_COLOR: '1' }, { CI: 'true' }])(
  'with %o a terminal gets lines, and nothing is redrawn',
  async (env) => {
    const { project, names, release } = await openHeldFleet(2)
    await release()
    const shown: string[] = []
    const view = {
      columns: 60,
      rows: 8,
      onScreen: (lines: readonly string[]) => shown.push(lines.join('\n')),
    }
    const { code, lines } = await showOnTerminal(project, ['fleet', 'up'], view, env)
    expect(code).toBe(0)
    expect(lines.map((line) => line.replace(/ +(?:\d+ ms|\d+\.\d s)/, '  <time>'))).toEqual([
      'wave 1 of 2: 50%  1 target',
      ` ✓ ${names[0]}  1 migration  <time>`,
      'wave 2 of 2: 100%  1 target',
      ` ✓ ${names[1]}  1 migration  <time>`,
      expect.stringMatching(/^fleet {2}2 targets: 2 migrated/),
      '',
    ])
    expect(shown.join('')).not.toContain('of 1 target')
  },
)

test('the log has the waves, the targets, and of each target what happened there, by its name', async () => {
  const { project, release } = await openHeldFleet(2)
  await release()
  const run = await project.run(['fleet', 'up', '--log-file', 'log.ndjson', '--quiet'])
  expect(run.code).toBe(0)
  const lines: Record<string, unknown>[] = readFileSync(join(project.folder, 'log.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const messages = lines.map(({ fleetTarget, msg }) => [fleetTarget, msg])
  const of = (name: string) => [
    [name, 'target started'],
    [name, 'connected'],
    [name, 'planned 1'],
    [name, 'started'],
    [name, 'done'],
    [name, 'finished'],
    [name, 'target finished'],
  ]
  expect(messages).toEqual([
    [undefined, 'command started'],
    [undefined, 'wave started'],
    ...of('tenant_0'),
    [undefined, 'wave started'],
    ...of('tenant_1'),
    [undefined, 'command ended'],
  ])
})
