import { once } from 'node:events'
import { createWriteStream, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { startServer } from '@tidemark/test-servers'
import pg from 'pg'

const root = '/tmp/tidemark-large-part/probe'
rmSync(root, { recursive: true, force: true })
mkdirSync(root, { recursive: true })
const server = await startServer({ settings: { max_wal_size: '8GB' } })
const path = join(root, '001_x.sql')
async function write(head: string, unit: string, totalBytes: number, tail: string) {
  const f = createWriteStream(path)
  f.write(head)
  const block = unit.repeat(Math.ceil(1e6 / Buffer.byteLength(unit)))
  const size = Buffer.byteLength(block)
  for (let n = 0; n < totalBytes; n += size) if (!f.write(block)) await once(f, 'drain')
  f.end(tail)
  await once(f, 'close')
}
async function go(name: string) {
  const admin = new pg.Client({ connectionString: server.url() })
  await admin.connect()
  await admin.query('DROP DATABASE IF EXISTS probe WITH (FORCE)')
  await admin.query('CREATE DATABASE probe')
  const s = performance.now()
  let peak = 0
  const t = setInterval(() => {
    const m = process.memoryUsage()
    peak = Math.max(peak, m.rss)
  }, 20)
  try {
    const r = await createMigrationRunner({ database: server.url('probe'), migrations: root }).runMigrations()
    console.log(
      name,
      'OK',
      r.outcome,
      Math.round(performance.now() - s),
      'ms',
      Math.round(peak / 1e6),
      'MB rss',
    )
    const c = new pg.Client({ connectionString: server.url('probe') })
    await c.connect()
    const { rows } = await c.query("select to_regclass('t') is not null as t")
    if (rows[0].t) console.log((await c.query('select count(*), sum(length(b)) from t')).rows)
    await c.end()
  } catch (e) {
    const { code, message, help, location, diagnostics, frame } = e as never as Record<string, unknown>
    const short = (x: unknown) => JSON.stringify(x)?.slice(0, 400)
    console.log(
      name,
      'FAILED',
      code,
      String(message).slice(0, 300),
      short(help),
      short(location),
      short(frame),
      short(
        (diagnostics as { code: string; message: string }[] | undefined)?.map(
          (d) => `${d.code} ${d.message}`,
        ),
      ),
      Math.round(performance.now() - s),
      'ms',
      Math.round(peak / 1e6),
      'MB rss',
    )
  }
  clearInterval(t)
  await admin.query('DROP DATABASE IF EXISTS probe WITH (FORCE)')
  await admin.end()
}
const MiB = 1024 * 1024
const only = process.argv[2] ?? ''
const cases: Record<string, () => Promise<void>> = {
  st250: () => write("-- @up\nCREATE TABLE t AS SELECT '", 'x'.repeat(1000), 250 * MiB, "' AS b;\n"),
  st300: () => write("-- @up\nCREATE TABLE t AS SELECT '", 'x'.repeat(1000), 300 * MiB, "' AS b;\n"),
  cyr: () =>
    write("-- @up\nCREATE TABLE t AS SELECT length('", 'ж'.repeat(1000), 480 * MiB, "')::text AS b;\n"),
  han: () =>
    write("-- @up\nCREATE TABLE t AS SELECT length('", '漢'.repeat(1000), 750 * MiB, "')::text AS b;\n"),
  ins200: () =>
    write(
      "-- @up\nCREATE TABLE t (b text);\nINSERT INTO t VALUES ('a')",
      `,\n('${'y'.repeat(1000)}')`,
      200 * MiB,
      ';\n',
    ),
  endless: () => write("-- @up\nSELECT '", 'x'.repeat(1000), 2.2e9, '\n'),
  sparse: async () => {
    writeFileSync(path, '-- @up\nSELECT 1;\n')
    truncateSync(path, 2_200_000_000)
  },
  copy: () =>
    write('-- @up\nCREATE TABLE t (b text);\nCOPY t FROM stdin;\n', `${'z'.repeat(999)}\n`, 2.2e9, '\\.\n'),
  line: () =>
    write('-- @up\nCREATE TABLE t (b text);\nCOPY t FROM stdin;\n1\n2\n', 'z'.repeat(1000), 1.2e9, '\n\\.\n'),
}
for (const [name, make] of Object.entries(cases)) {
  if (only !== '' && !only.split(',').includes(name)) continue
  await make()
  await go(name)
}
rmSync(root, { recursive: true })
await server.remove()
