import { execFile, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Writes a database's schema as SQL. */
export interface SchemaDumper {
  /** Of the programs, such as `15`; a newer server is refused by it. */
  readonly major: number
  dump(url: string): Promise<string>
}

/** Finds the newest `pg_dump` that is installed; undefined where there is none. */
export function findPgDump(): SchemaDumper | undefined {
  const folders = listFolders('/usr/lib/postgresql').map((major) => `/usr/lib/postgresql/${major}/bin/`)
  const found = ['', ...folders].flatMap((folder) => {
    const { stdout, status } = spawnSync(`${folder}pg_dump`, ['--version'], { encoding: 'utf8' })
    const [, major] = /(\d+)\./.exec(stdout ?? '') ?? []
    return status === 0 && major !== undefined ? [{ program: `${folder}pg_dump`, major: Number(major) }] : []
  })
  const newest = found.sort((a, b) => b.major - a.major)[0]
  if (newest === undefined) return undefined
  return {
    major: newest.major,
    async dump(url) {
      const { stdout } = await execute(newest.program, ['--schema-only', url], { maxBuffer: 1 << 28 })
      return stdout
    },
  }
}

function listFolders(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/**
 * Makes of a dump what it says about the schema: its entries sorted, without comments, empty lines and the
 * random key of `\\restrict`. The order of entries follows object ids. A setting that holds for the entries
 * after it is written into each of them.
 */
export function normalizeDump(dump: string): string {
  const entries: string[][] = [[]]
  const settings = new Map<string, string>()
  for (const line of dump.split('\n')) {
    if (line.startsWith('-- Name: ')) entries.push([...settings.values()])
    const [, setting] = /^SET (default_tablespace|default_table_access_method) /.exec(line) ?? []
    if (setting !== undefined) settings.set(setting, line)
    else if (!/^(--|\\(un)?restrict|$)/.test(line)) entries.at(-1)?.push(line)
  }
  return entries
    .map((lines) => lines.join('\n'))
    .sort()
    .join('\n\n')
}
