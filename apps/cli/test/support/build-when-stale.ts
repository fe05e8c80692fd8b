import { execFile } from 'node:child_process'
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SOURCES = [
  'src',
  'scripts',
  '../../packages/core/src',
  '../../packages/pg-driver/src',
  '../../packages/embedded/src',
  '../../packages/import/src',
  '../../packages/shadow/src',
  '../../packages/lint/src',
  '../../packages/fleet/src',
  '../../packages/gate/src',
  '../../packages/report/src',
  '../report/src',
]
const LOCK = join(tmpdir(), `tidemark-build-${Buffer.from(ROOT).toString('base64url').slice(-40)}`)
const LOCK_LIMIT_MS = 600_000

/**
 * Bundles the command line when a source is newer than the bundle: tests run what the sources say. One
 * process at a time builds.
 */
export async function buildWhenStale(): Promise<void> {
  await lock()
  try {
    if (await isStale()) await promisify(execFile)(process.execPath, ['scripts/build.js'], { cwd: ROOT })
  } finally {
    await rmdir(LOCK)
  }
}

async function lock(): Promise<void> {
  const startedAt = Date.now()
  for (;;) {
    const taken = await mkdir(LOCK).then(
      () => true,
      () => false,
    )
    if (taken) return
    const age = await stat(LOCK).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age > LOCK_LIMIT_MS || Date.now() - startedAt > LOCK_LIMIT_MS) await rmdir(LOCK).catch(() => {})
    await setTimeout(50)
  }
}

async function isStale(): Promise<boolean> {
  const builtAt = await stat(join(ROOT, 'dist/main.cjs')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  const newest = await Promise.all(SOURCES.map((folder) => newestIn(join(ROOT, folder))))
  return Math.max(...newest) > builtAt
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
  const times = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs),
  )
  return Math.max(0, ...times)
}
