import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { type CatalogSession, readCatalog } from '@tidemark/core'
import pg from 'pg'
import { report } from './results.ts'

const execute = promisify(execFile)
const TABLES = 250
/** Milliseconds. */
const TARGETS = { server: 300, pglite: 1000 } as const

const SCHEMA = `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
${Array.from(
  { length: TABLES },
  (_, n) => `
CREATE TABLE t${n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'x', cents int CHECK (cents > 0), at timestamptz DEFAULT now(), tags text[], note varchar(80));
CREATE INDEX t${n}_name ON t${n} (name) WHERE cents > 5;
CREATE VIEW v${n} AS SELECT id, name, cents * 2 AS doubled FROM t${n} WHERE at > '2026-01-01';
CREATE FUNCTION f${n}(a int, b text) RETURNS text LANGUAGE sql AS $$SELECT a || b$$;
CREATE TRIGGER touch BEFORE UPDATE ON t${n} FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own ON t${n} USING (name = current_user);`,
).join('')}`

interface Timing {
  readonly objects: number
  /** With planning, which a session does once. */
  readonly firstMs: number
  /** The best of several. */
  readonly laterMs: number
}

async function time(session: CatalogSession): Promise<Timing> {
  const read = async () => {
    const started = performance.now()
    const { objects } = await readCatalog(session)
    return { objects, ms: performance.now() - started }
  }
  const first = await read()
  let laterMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round += 1) laterMs = Math.min(laterMs, (await read()).ms)
  const objects = [...first.objects.values()].filter(({ kind }) => kind !== 'column').length
  return { objects, firstMs: first.ms, laterMs }
}

/** How long `pg_dump` takes to write the same database, or why it does not. */
async function timeDump(url: string): Promise<string> {
  const { stdout, status } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' })
  if (status !== 0) return 'not measured: no pg_dump is on the PATH'
  const started = performance.now()
  try {
    await execute('pg_dump', ['--schema-only', url], { maxBuffer: 1 << 28 })
    return `${Math.round(performance.now() - started)} ms`
  } catch {
    return `not measured: ${stdout.trim()} does not read this server`
  }
}

function show(name: string, timing: Timing, targetMs: number): void {
  const { objects, firstMs, laterMs } = timing
  const work = `the catalog of ${objects.toLocaleString('en')} objects, ${name}`
  const met = laterMs <= targetMs
  console.log(
    `${work}: ${Math.round(laterMs)} ms (first in a session ${Math.round(firstMs)} ms), target ${targetMs} ms: ${met ? 'met' : 'missed'}`,
  )
  report({
    work,
    tool: 'Tidemark',
    measured: `${Math.round(laterMs)} ms`,
    target: `≤ ${targetMs} ms`,
    met,
  })
}

/**
 * Measures what reading a catalog costs: that of a database with 2,000 objects besides columns, on a server whose
 * database `url` names and that is empty, and on PGlite.
 */
export async function measureCatalog(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(SCHEMA)
  show('a server', await time(client), TARGETS.server)
  await client.end()
  const measured = await timeDump(url)
  console.log(`  pg_dump --schema-only of it: ${measured}`)
  report({ work: 'the same database, a server', tool: 'pg_dump --schema-only', measured })
  const embedded = await PGlite.create()
  try {
    await embedded.exec(SCHEMA)
    show('PGlite', await time(embedded), TARGETS.pglite)
  } finally {
    await embedded.close()
  }
}
