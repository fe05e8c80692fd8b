import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createTestDatabase, readCatalog } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { splitByParser } from '../../../test/split-by-parser.ts'
import { importMigrations } from '../src/import/import-migrations.ts'
import { readForeignFolder } from '../src/import/read-foreign-files.ts'
import { runTidemark } from './run-tidemark.ts'

const [mirror = '', folder = '', format = '', prelude = ''] = (process.env['TRIAL'] ?? '').split(';')

test.skipIf(mirror === '')(
  'trial',
  async () => {
    const root = `/tmp/trial/${mirror}`
    rmSync(root, { recursive: true, force: true })
    mkdirSync(root, { recursive: true })
    execFileSync('sh', [
      '-c',
      `git --git-dir=/work/.mirror/${mirror}/repo archive HEAD ${folder} | tar x -C ${root}`,
    ])
    const db = await createTestDatabase()
    const plain = await createTestDatabase()
    const pre = prelude === '' ? '' : readFileSync(prelude, 'utf8')
    for (const d of [db, plain]) if (pre) await d.query(pre)
    const run = (args: string[]) => runTidemark(args, { cwd: root, env: { TIDEMARK_DATABASE_URL: db.url } })
    const imported = await run(['import', format, '--from', folder, '--out', 'out'])
    const lines = imported.stdout.split('\n')
    console.log(
      imported.code,
      imported.stderr,
      lines.length > 160 ? [...lines.slice(0, 30), '...', ...lines.slice(-120)].join('\n') : imported.stdout,
    )
    const valid = await run(['validate', '--dir', 'out'])
    console.log('validate', valid.code, valid.stdout.slice(-1500), valid.stderr.slice(0, 6000))
    const up = await run(['up', '--dir', 'out', '--quiet', '--schema', 'tidemark'])
    console.log('up', up.code, up.stdout.slice(-500), up.stderr.slice(0, 3000))
    const { files } = await readForeignFolder(join(root, folder))
    const order = importMigrations({ format: format as 'plain', files, out: 'x', trackingSchema: 'public' })
    for (const { foreign, id } of order.migrations) {
      const { source, span } = foreign.up
      let text = source.text.slice(span.start, span.end)
      if (format === 'drizzle') text = text.replaceAll('--> statement-breakpoint', ';')
      if (format === 'goose') text = text.replaceAll('-- +goose StatementEnd', ';')
      try {
        if (foreign.transaction === 'none' || /concurrently/i.test(text.replace(/--.*/g, ''))) for (const part of await splitByParser(text)) await plain.query(part)
      else await plain.query(text)
      } catch (error) {
        console.log('plain fails', id, String(error))
        break
      }
    }
    const a = await readCatalog(db.url, { trackingSchema: 'tidemark' })
    const b = await readCatalog(plain.url)
    const sa = new Set(a)
    const sb = new Set(b)
    console.log(
      'catalog',
      a.length,
      b.length,
      'only imported',
      a.filter((x) => !sb.has(x)).slice(0, 20),
      'only plain',
      b.filter((x) => !sa.has(x)).slice(0, 20),
    )
    console.log(readdirSync(join(root, 'out')).length, 'files')
    await db.drop()
    await plain.drop()
    expect(imported.code).toBe(0)
  },
  600_000,
)
