import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, sharedServerUrl } from '@tidemark/test-servers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

/** Ten tables, so that a shadow of them is kept. */
const FILES = Object.fromEntries(
  Array.from({ length: 10 }, (_, index) => {
    const before = index === 0 ? '' : `t${index}`
    return [
      `migrations/t${index + 1}.sql`,
      `-- Depends on: [${before}]\n-- @up\nCREATE TABLE t${index + 1} (id int);\n`,
    ] as const
  }),
)

/** Mounts a file system of our own. */
function mount(folder: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
}

/** Why file systems cannot be mounted here, or undefined. */
function whyNoMount(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-mount-'))
  try {
    mount(folder, 'size=64k')
    execFileSync('umount', [folder])
    return undefined
  } catch {
    return 'this user may not mount a file system'
  }
}

const noMount = whyNoMount()

test.skipIf(noMount).each([
  ['a full disk', 'size=64k', 'ENOSPC: no space left on device', 'free some space on that disk'],
  ['a read-only file system', 'ro', 'EROFS: read-only file system', 'make the folder writable for this user'],
] as const)(
  `%s under the cache is one warning, and the snapshot is whole${noMount ? ` (skipped: ${noMount})` : ''}`,
  async (_, options, reason, help) => {
    const project = await openProject(FILES)
    const cache = join(project.folder, '.tidemark/shadow')
    mkdirSync(cache, { recursive: true })
    mount(cache, options)
    onTestFinished(() => void execFileSync('umount', [cache]))
    const { code, stdout, stderr } = await project.run(['snapshot'])
    expect(code).toBe(0)
    expect(stdout.match(/^CREATE TABLE/gm)).toHaveLength(10)
    expect(stderr).toContain(reason)
    expect(stderr).toContain(`help: ${help}; the result is the same, only slower`)
    expect(stderr.match(/^(?:warning|error) TM/gm)).toEqual(['warning TM'])
    expect(
      readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => /draft|\.tar/.test(name)),
    ).toEqual([])
  },
)

test('a shadow server without CREATEDB is one error, and so is one that is not there', async () => {
  const admin = await createTestDatabase()
  const role = `shadow_${admin.name}`
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
  onTestFinished(async () => {
    await admin.query(`DROP ROLE ${role}`)
    await admin.drop()
  })
  const address = new URL(sharedServerUrl())
  address.username = role
  address.password = 'secret'
  const { run, write } = await openProject({
    ...FILES,
    'tidemark.config.json': JSON.stringify({ shadow: address.href }),
  })
  expect(await run(['snapshot'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `error TM5050: the shadow server is refused: the role "${role}" may not create databases
help: as a superuser: ALTER ROLE "${role}" CREATEDB
`,
  })
  address.port = '1'
  await write('tidemark.config.json', JSON.stringify({ shadow: address.href }))
  const absent = await run(['snapshot'])
  expect([absent.code, absent.stdout]).toEqual([1, ''])
  expect(absent.stderr.match(/^error TM\d+/gm)).toEqual(['error TM5001'])
})
