import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'
import { ENTRY, plainEnvironment, type RunOptions } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

/**
 * A title, a cleared screen, a colour, C1, a bell, a backspace, an overwritten line, and text turned round.
 */
const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u001b[31m\u009b1A\u0085\u007f\b\rdone\u202enimda\u2066'
const CONTROL = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

const FILES = {
  'migrations/001_users.sql': `-- Description: users ${HOSTILE.replaceAll('\r', '')}
-- @up
CREATE TABLE users (id int PRIMARY KEY, note text UNIQUE); -- ${HOSTILE.replaceAll('\r', '')}
DO $$BEGIN RAISE WARNING 'notice %', E'\\x1b[5m\\u009b\\u202e'; END$$;
-- @down
DROP TABLE users; -- ${HOSTILE.replaceAll('\r', '')}
-- @verify
SELECT EXISTS (SELECT FROM users WHERE note = E'\\x1b[5m${HOSTILE.replaceAll('\r', '')}') OR true;
`,
  'migrations/002_rows.sql': `-- @up
INSERT INTO users VALUES (1, E'\\x1b]0;row\\x07\\u009b\\u202e'), (2, E'\\x1b]0;row\\x07\\u009b\\u202e');
-- @down
SELECT 1;
`,
}

async function expectClean(
  project: Project,
  args: readonly string[],
  options: Partial<RunOptions> = {},
): Promise<string> {
  const { stdout, stderr } = await project.run(args, options)
  expect({ args, found: CONTROL.exec(`${stdout}${stderr}`)?.[0] }).toEqual({ args, found: undefined })
  return stdout + stderr
}

test('no control character of a file, a row, a notice or an error leaves any command, as text, JSON or log', async () => {
  const project = await openProject(FILES, 'server')
  const log = { TIDEMARK_LOG_FILE: 'run.log', TIDEMARK_LOG_LEVEL: 'debug' }
  const outputs: string[] = []
  for (const json of [[], ['--json']]) {
    for (const args of [
      ['plan', '--verbose'],
      ['plan', '--sql'],
      ['up'],
      ['up', '--verbose'],
      ['status', '--verbose'],
      ['history'],
      ['history', '002_rows'],
      ['show', '001_users'],
      ['show', HOSTILE.replaceAll('\u0000', '')],
      ['graph'],
      ['validate', '--report', 'junit=report.xml', '--report', 'github'],
      ['verify'],
      ['doctor'],
      ['down', '--dry-run'],
      ['down', '--target', HOSTILE],
      ['status', '--schema', HOSTILE],
      [HOSTILE],
      ['up', `--${HOSTILE}`],
    ])
      outputs.push(await expectClean(project, [...args, ...json], { env: log }))
  }
  expect(outputs.join('\n')).toContain('Key (note)=(\\u001b]0;row\\u0007\\u009b\\u202e) already exists')
  for (const file of ['run.log', 'report.xml'])
    expect(CONTROL.exec(await readFile(join(project.folder, file), 'utf8'))).toBeNull()
})

test('the query of another session in a report of a lock is shown escaped', async () => {
  const project = await openProject(FILES, 'server')
  await project.run(['up', '--target', '001_users'])
  const held = project.server?.query(
    `LOCK TABLE users /* \u001b]0;lock\u0007\u009b\u202e */; SELECT pg_sleep(600)`,
  )
  held?.catch(() => undefined)
  const isHeld = `SELECT FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = 'users'::regclass`
  while ((await project.server?.query(isHeld))?.length === 0) await setImmediate()
  const output = await expectClean(project, ['up'], {
    signalAt: { text: 'LOCK TABLE users', signal: 'SIGINT' },
  })
  expect(output).toContain('LOCK TABLE users /* \\u001b]0;lock')
})

test('our own colours stay colours where they are asked for, and no others pass', async () => {
  const project = await openProject(FILES)
  const { stdout } = spawnSync(process.execPath, [ENTRY, 'validate'], {
    cwd: project.folder,
    env: { ...plainEnvironment(), FORCE_COLOR: '1' },
    encoding: 'utf8',
  })
  expect(stdout).toContain('\u001b[32m✓\u001b[39m')
})
