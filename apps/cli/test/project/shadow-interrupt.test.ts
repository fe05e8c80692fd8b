import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createTestDatabase } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'
import { openShadowServer } from '../support/shadow-server.ts'

beforeAll(buildWhenStale)

const SLOW = '-- @up\nSELECT pg_sleep(600);\n'

test.each([
  ['check'],
  ['snapshot'],
  ['snapshot', '--out', 'schema.sql'],
  ['report', '--out', 'report.html'],
  ['shadow', 'serve'],
  ['drift'],
  ['rehearse'],
  ['up', '--rehearse', '--yes'],
  ['import', 'dbmate', '--from', 'db', '--check'],
])('Ctrl-C ends a statement that runs on the shadow of `%s`, and nothing is left', async (...command) => {
  const { run, write, folder } = await openProject({ 'migrations/001_slow.sql': SLOW })
  const shadow = await openShadowServer()
  const { username: role } = new URL(shadow.url)
  await write('tidemark.config.json', JSON.stringify({ database: 'pglite:data', shadow: shadow.url }))
  await write('db/1_slow.sql', '-- migrate:up\nSELECT pg_sleep(600);\n')
  if (['drift', 'rehearse', 'up'].includes(command[0] ?? '')) {
    expect((await run(['baseline', '--through', '001_slow', '--yes'])).code).toBe(0)
    await write('migrations/002_next.sql', '-- Depends on: [001_slow]\n\n-- @up\nSELECT 1;\n')
  }
  const admin = await createTestDatabase()
  onTestFinished(() => admin.drop())
  const child = spawn(process.execPath, [ENTRY, ...command], { cwd: folder, env: plainEnvironment() })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  const ended = once(child, 'close')
  const sleeps = `SELECT FROM pg_stat_activity WHERE usename = '${role}' AND wait_event = 'PgSleep'`
  while ((await admin.query(sleeps)).length === 0 && child.exitCode === null);
  child.kill('SIGINT')
  await ended
  expect([child.exitCode, output]).toEqual([130, expect.stringContaining('TM5008')])
  expect(await admin.query(`SELECT datname FROM pg_database WHERE datdba = '${role}'::regrole`)).toEqual([])
})
