import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

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
