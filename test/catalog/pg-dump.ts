import { execFile, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { openWire } from '@tidemark/pg-driver/engine'
import pg from 'pg'
import { dumpSchema } from '../../packages/shadow/src/dump/pg-dump.ts'
import { dumpProgramUrl } from '../../packages/shadow/src/dump-files.ts'

const execute = promisify(execFile)

/** Writes the schema of a database, named by its URL, as SQL. */
export type SchemaDumper = (url: string) => Promise<string>

/**
 * Finds what dumps the databases of a server: the newest `pg_dump` that is installed, or where that is older
 * than the server the one of Tidemark.
 */
export async function findDumper(url: string): Promise<SchemaDumper> {
  const installed = findInstalled()
  if (installed === undefined || installed.major < (await readMajor(url))) return dumpByWire
  return async (database) => {
    const options = { maxBuffer: 1 << 28 }
    return (await execute(installed.program, ['--schema-only', database], options)).stdout
  }
}

/** No types of Node have it. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> }

/** Node compiles a program again only when nobody has it any more: compiling is most of the work of a dump. */
let compiled: Promise<object> | undefined

/** Runs `pg_dump` of PostgreSQL 18 as WebAssembly, over a connection of ours. */
export async function dumpByWire(url: string): Promise<string> {
  compiled ??= readFile(new URL('pg_dump.wasm', dumpProgramUrl())).then((bytes) => WebAssembly.compile(bytes))
  await compiled
  const wire = await openWire({ url, applicationName: 'tidemark test', timeoutMs: 10_000 })
  try {
    return await dumpSchema(wire, ['--lock-wait-timeout=10000'])
  } finally {
    await wire.close()
  }
}

async function readMajor(url: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ version: string }>(
    "SELECT current_setting('server_version') AS version",
  )
  await client.end()
  return Number.parseInt(rows[0]?.version ?? '', 10)
}

function findInstalled(): { readonly program: string; readonly major: number } | undefined {
  const folders = listFolders('/usr/lib/postgresql').map((major) => `/usr/lib/postgresql/${major}/bin/`)
  const found = ['', ...folders].flatMap((folder) => {
    const { stdout, status } = spawnSync(`${folder}pg_dump`, ['--version'], { encoding: 'utf8' })
    const [, major] = /(\d+)\./.exec(stdout ?? '') ?? []
    return status === 0 && major !== undefined ? [{ program: `${folder}pg_dump`, major: Number(major) }] : []
  })
  return found.sort((a, b) => b.major - a.major)[0]
}

function listFolders(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

const PLACEHOLDER = /^CREATE VIEW [^\n]+ AS\nSELECT\n(?: {4}NULL::[^\n]+,\n)* {4}NULL::[^\n]+;\n/gm
const REPLACED_VIEW = /^CREATE OR REPLACE VIEW /gm
const OWNER = /^ALTER (?:TABLE|VIEW) .+ OWNER TO /

/**
 * Makes of a dump what it says about the schema: its entries sorted, without comments, empty lines and the
 * random key of `\\restrict`. The order of entries follows object ids. A setting that holds for the entries
 * after it is written into each of them. A view in two steps, a placeholder and then the view, is one in one step:
 * which of two that need each other gets the placeholder follows object ids, too.
 */
export function normalizeDump(dump: string): string {
  const entries: string[][] = [[]]
  const owners: string[][] = []
  // In force before the first of them is written.
  const settings = new Map([
    ['default_tablespace', "SET default_tablespace = '';"],
    ['default_table_access_method', 'SET default_table_access_method = heap;'],
  ])
  for (const line of dump.replace(PLACEHOLDER, '').replace(REPLACED_VIEW, 'CREATE VIEW ').split('\n')) {
    if (line.startsWith('-- Name: ')) entries.push([...settings.values()])
    const [, setting] = /^SET (default_tablespace|default_table_access_method) /.exec(line) ?? []
    if (setting !== undefined) settings.set(setting, line)
    else if (OWNER.test(line)) owners.push([line])
    else if (!/^(--|\\(un)?restrict|$)/.test(line)) entries.at(-1)?.push(line)
  }
  return [...entries, ...owners]
    .filter((lines) => lines.some((line) => !line.startsWith('SET default_')))
    .map((lines) => lines.join('\n'))
    .sort()
    .join('\n\n')
}
