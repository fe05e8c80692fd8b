import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment, withoutPages } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const isPosix = process.platform !== 'win32'

/** Runs the command line from a POSIX shell, where `$TM` is the command. */
function shell(script: string, { cwd, url }: { readonly cwd: string; readonly url: string }) {
  const child = spawn('/bin/sh', ['-c', script], {
    cwd,
    env: {
      ...plainEnvironment(),
      TIDEMARK_DATABASE_URL: url,
      NODE: process.execPath,
      TM: ENTRY,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
    })
  }
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...out }))
  })
}

describe.skipIf(!existsSync('/dev/full'))('a full disk (there is /dev/full on Linux alone)', () => {
  test.each([
    ['up', 0],
    ['down --yes', 0],
    ['status', 0],
  ])('under the log of `%s` is said once, and the exit code stays', async (command, code) => {
    const { folder, database, run } = await openProject(SHOP, 'server')
    if (command !== 'up') await run(['up'])
    const outcome = await shell(`exec "$NODE" "$TM" ${command} --log-file /dev/full`, {
      cwd: folder,
      url: database,
    })
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({
      code,
      stderr: 'warning TM7003: the log file "/dev/full" is incomplete: ENOSPC: no space left on device\n',
    })
  })

  test('under a report is said once, and the exit code is that of the files', async () => {
    const { folder, database, write } = await openProject(SHOP)
    const at = { cwd: folder, url: database }
    const validate = 'exec "$NODE" "$TM" validate --report junit=/dev/full'
    const warning = 'warning TM7012: the report cannot be written: ENOSPC: no space left on device\n'
    const good = await shell(validate, at)
    expect({ code: good.code, stderr: good.stderr }).toEqual({ code: 0, stderr: warning })
    await write('migrations/004_bad.sql', '-- Depends on: [nowhere]\n-- @up\nSELECT 1;\n')
    const bad = await shell(validate, at)
    expect(bad.code).toBe(2)
    expect(bad.stderr).toContain(warning)
    expect(bad.stderr).toContain('TM2002')
  })

  test('under stdout fails a command whose result it is', async () => {
    const { folder, database } = await openProject(SHOP, 'server')
    const { code, stderr } = await shell('exec "$NODE" "$TM" validate >/dev/full', {
      cwd: folder,
      url: database,
    })
    expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
      code: 1,
      stderr: 'error TM7012: the output cannot be written: ENOSPC: no space left on device',
    })
  })

  test('under stdout and stderr ends no run', async () => {
    const { folder, database, run } = await openProject(SHOP, 'server')
    const outcome = await shell('exec "$NODE" "$TM" up --verbose >/dev/full 2>/dev/full', {
      cwd: folder,
      url: database,
    })
    expect(outcome.code).toBe(0)
    expect((await run(['status'])).stdout).toContain('3 applied, 0 pending')
  })
})

describe.skipIf(!isPosix)('a quota that is used up (`ulimit -f` here, EDQUOT elsewhere)', () => {
  const limited = (command: string) => `ulimit -f 1; exec "$NODE" "$TM" ${command}`
  const LARGE = Object.fromEntries(
    Array.from({ length: 30 }, (_, place) => [
      `migrations/${place + 100}_table_with_a_long_name.sql`,
      `-- @up\nCREATE TABLE t${place} (id int);\n-- @down\nDROP TABLE t${place};\n`,
    ]),
  )
  const SPACE = 'help: the file would be larger than the system allows: see `ulimit -f`\n'

  test.each([
    ['up --log-file run.log', 'TM7003: the log file "<folder>/run.log" is incomplete'],
    ['validate --report junit=report.xml', 'TM7012: the report cannot be written'],
  ])('in the middle of `%s` is said once, and the exit code stays', async (command, warning) => {
    const { folder, database, run } = await openProject(LARGE, 'server')
    const { code, stderr } = await shell(limited(command), { cwd: folder, url: database })
    expect({ code, stderr: stderr.replaceAll(folder, '<folder>') }).toEqual({
      code: 0,
      stderr: `warning ${warning}: EFBIG: file too large\n`,
    })
    if (command.startsWith('up')) expect((await run(['status'])).stdout).toContain('30 applied, 0 pending')
  })

  test.each([
    ['plan --out plan.json', 'error TM7012: the plan "plan.json" cannot be written (EFBIG)\n'],
    ['manifest --out schema.ts', 'error TM7012: cannot write "schema.ts": EFBIG: file too large\n'],
  ])('fails `%s`, whose result it is, says what to do and keeps the old file', async (command, error) => {
    const { folder, database } = await openProject(LARGE, 'server')
    const path = join(folder, command.split(' ').at(-1) ?? '')
    await writeFile(path, 'as it was\n')
    const before = await readdir(folder)
    const { code, stderr } = await shell(limited(command), { cwd: folder, url: database })
    expect({ code, stderr: withoutPages(stderr) }).toEqual({ code: 2, stderr: error + SPACE })
    expect(await readFile(path, 'utf8')).toBe('as it was\n')
    expect(await readdir(folder)).toEqual(before)
  })

  test('never leaves half of an imported migration', async () => {
    const values = Array.from({ length: 200 }, (_, place) => `INSERT INTO t VALUES (${place});\n`).join('')
    const { folder, database } = await openProject({ 'sql/001_t.sql': values }, 'server')
    const { code } = await shell(limited('import plain --from sql --out migrations'), {
      cwd: folder,
      url: database,
    })
    expect(code).not.toBe(0)
    expect(await readdir(join(folder, 'migrations'))).toEqual([])
  })

  test('is named where an embedded database does not start', async () => {
    const { folder } = await openProject(SHOP, 'embedded')
    const { code, stderr } = await shell(limited('up'), { cwd: folder, url: 'pglite:data' })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(SPACE) })
  })
})

test('a log whose folder is removed during the run is said once, and everything is applied', async () => {
  const held =
    "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'release') LOOP PERFORM pg_catalog.pg_sleep(0.01); END LOOP; END $$;"
  const { folder, run, server } = await openProject(
    {
      'migrations/001_held.sql': `-- @up\n${held}\n`,
      'migrations/002_b.sql': '-- @up\nCREATE TABLE b ();\n',
    },
    'server',
  )
  const running = run(['up', '--log-file', 'logs/migration.log'])
  const waiting =
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND strpos(query, 'relname = ''release''') > 0"
  const isHeld = async () => ((await server?.query(waiting)) ?? []).length > 0
  while (!(await isHeld()));
  await rm(join(folder, 'logs'), { recursive: true })
  await server?.query('CREATE TABLE public.release ()')
  const { code, stdout, stderr } = await running
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      'warning TM7003: the log file "<folder>/logs/migration.log" is incomplete: ENOENT: no such file or directory\n',
  })
  expect(stdout).toContain('2 migrations applied')
})

// Windows has no limit of open files that a shell could set.
describe.skipIf(!isPosix)('too few open files', () => {
  const limited = (limit: number, command: string) => `ulimit -n ${limit}; exec "$NODE" "$TM" ${command}`
  const HELP = 'help: too many files are open: raise the limit of this process, such as with `ulimit -n 1024`'

  test('are named where an embedded database does not start', async () => {
    const { folder } = await openProject(SHOP, 'embedded')
    for (const limit of [22, 26, 28]) {
      const { code, stderr } = await shell(limited(limit, 'up'), { cwd: folder, url: 'pglite:data' })
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(HELP) })
      expect(stderr).not.toContain('another version')
    }
  })

  test('are named where an embedded database cannot make a file', async () => {
    const { folder } = await openProject(SHOP, 'embedded')
    const { code, stderr } = await shell(limited(64, 'up'), { cwd: folder, url: 'pglite:data' })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(HELP) })
  })

  test('are never a bug of ours, whatever the limit', async () => {
    const { folder, database } = await openProject(SHOP, 'server')
    for (const limit of [19, 20, 21, 24]) {
      for (const command of ['validate', 'status', 'up']) {
        const { code, stderr } = await shell(limited(limit, command), { cwd: folder, url: database })
        expect(code).toBeLessThan(70)
        if (code === 1) expect(stderr).toContain(HELP)
      }
    }
  })
})
