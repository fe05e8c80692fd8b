import { spawnSync } from 'node:child_process'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

test('what a destructive rollback saved is counted, shown, confirmed and restored', async () => {
  const server = await startServer({ major: '15' })
  try {
    const project = await openProject(SHOP)
    const env = { TIDEMARK_DATABASE_URL: server.url() }
    const run = (...args: readonly string[]) => project.run(args, { env })
    await run('up')
    const down = await run('down', '--to', '001_users', '--backup', '--yes')
    expect(down.stderr).toMatch(
      /002_posts: saved public\.posts in \.tidemark\/backups\/.*\.dump {2}1 table, 0 rows/,
    )
    const { attempts } = JSON.parse((await run('history', '002_posts', '--limit', '1', '--json')).stdout)
    const { runId, backup } = attempts[0]
    expect(backup).toEqual({
      path: `.tidemark/backups/${runId}/001-002_posts-down.dump`,
      tables: ['public.posts'],
      rows: 0,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const folder = join(project.folder, '.tidemark')
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('*\n')
    const shown = await run('restore', runId)
    expect([shown.code, shown.stdout]).toEqual([2, expect.stringContaining('creates and fills public.posts')])
    expect((await run('restore', runId, '--yes')).stdout).toContain('✓ 1 table restored.')
    expect((await run('restore', `${runId.slice(0, -1)}x`)).stderr).toContain(`did you mean "${runId}"?`)
    expect((await run('restore', runId, '--yes')).code).toBe(0)
  } finally {
    await server.remove()
  }
})

test('on a full disk, and in a folder that cannot be written, nothing is lost and nothing is left', async () => {
  const project = await openProject(SHOP, 'server')
  const { run, server, folder, write, database } = project
  await run(['up', '--target', '001_users'])
  await server?.query(
    'ALTER TABLE users ADD t text; INSERT INTO users SELECT n, md5(n::text) FROM generate_series(1, 9999) n',
  )
  const down = () => {
    const limited = [
      '-c',
      'ulimit -f 64; exec "$@"',
      'sh',
      process.execPath,
      ENTRY,
      'down',
      '--backup',
      '--yes',
    ]
    const env = { ...plainEnvironment(), TIDEMARK_DATABASE_URL: database }
    const { status, stderr } = spawnSync('sh', limited, { cwd: folder, env, encoding: 'utf8' })
    return { code: status, stderr }
  }
  expect(down()).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /"001_users" was rolled back: what it takes away could not be saved: EFBIG: .* \(TM5040\)\s+help: make room in the backup folder/,
    ),
  })
  expect(await server?.query('SELECT count(*)::int AS rows FROM users')).toEqual([{ rows: 9999 }])
  expect((await run(['status', '--json'])).stdout).toContain('"applied"')
  expect(await readdir(join(folder, '.tidemark/backups'))).toEqual([])
  await rm(join(folder, '.tidemark'), { recursive: true })
  await write('.tidemark', 'a file')
  const refused = await run(['down', '--backup', '--yes'])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('error TM7017: ') })
  expect(await server?.query('SELECT count(*)::int AS rows FROM users')).toEqual([{ rows: 9999 }])
})
