import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDirectoryReader } from '@tidemark/core/node'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { startServer } from '@tidemark/test-servers'
import { LARGE_FILES, writeLargeFile } from './large-files.ts'

if (process.argv[2] === 'child') {
  const t: Record<string, number> = { boot: Math.round(performance.now()) }
  let s = performance.now()
  if (process.argv[5] === 'read') {
    await createDirectoryReader({ directory: process.argv[4] ?? '' }).readMigrations()
    t['read'] = Math.round(performance.now() - s)
  } else {
    s = performance.now()
    let saw = 0
    await createMigrationRunner({
      database: process.argv[3] ?? '',
      migrations: process.argv[4] ?? '',
    }).runMigrations({
      onEvent: (e) => {
        const at = Math.round(performance.now() - s)
        if (e.kind === 'statement_progress') {
          if (!saw) t['first_progress'] = at
          saw = 1
          t['last_progress'] = at
        } else t[e.kind] = at
      },
    })
    t['end'] = Math.round(performance.now() - s)
  }
  console.log(JSON.stringify(t), Math.round(performance.now()))
} else {
  const server = await startServer({ settings: { max_wal_size: '8GB' } })
  const d = mkdtempSync(join(tmpdir(), 'tidemark-large-'))
  const shape = LARGE_FILES[0]
  if (!shape) throw new Error('x')
  await writeLargeFile(join(d, '001_x.sql'), 200e6, shape.write)
  const fresh = () => {
    execFileSync('psql', ['-q', server.url(), '-c', 'DROP DATABASE IF EXISTS x'], { stdio: 'ignore' })
    execFileSync('psql', ['-q', server.url(), '-c', 'CREATE DATABASE x', '-c', 'CHECKPOINT'])
    return server.url('x')
  }
  for (let i = 0; i < 4; i++) {
    for (const mode of ['read', 'run']) {
      const url = fresh()
      const s = performance.now()
      execFileSync(
        process.execPath,
        [
          '--max-old-space-size=512',
          ...(i === 3 ? ['--cpu-prof', '--cpu-prof-dir=/tmp/tidemark-large-part/prof2'] : []),
          process.argv[1] ?? '',
          'child',
          url,
          d,
          mode,
        ],
        { stdio: 'inherit' },
      )
      console.log(mode, Math.round(performance.now() - s))
    }
    const url = fresh()
    const s = performance.now()
    execFileSync('psql', ['-X', '-q', '-1', '-f', join(d, '001_x.sql'), url])
    console.log('psql', Math.round(performance.now() - s))
  }
  rmSync(d, { recursive: true })
  await server.remove()
}
