import { readFileSync, type Stats, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Whose password is looked for. */
export interface PasswordOwner {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/** What a password file gave: its password, nothing for this connection, or why the whole file is ignored. */
export type FoundPassword =
  | { readonly kind: 'found'; readonly password: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'ignored'; readonly reason: string }

/**
 * Looks up the password of a connection in a password file, as libpq does: the first line whose four fields
 * match. A file that others may read is ignored. https://www.postgresql.org/docs/current/libpq-pgpass.html
 *
 * @param file of `passfile` or `PGPASSFILE`; undefined for `~/.pgpass`.
 * @example findPassword({ host: 'db', port: 5432, database: 'shop', user: 'ada' }, undefined, process.env)
 */
export function findPassword(
  owner: PasswordOwner,
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): FoundPassword {
  const path = file ?? defaultFile(environment)
  const stats = statIfThere(path)
  if (stats === undefined) return { kind: 'none' }
  if (!stats.isFile()) return { kind: 'ignored', reason: `"${path}" is ignored: it is not a plain file` }
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    return {
      kind: 'ignored',
      reason: `"${path}" is ignored, because others may read it: chmod 600 "${path}"`,
    }
  }
  try {
    return searchLines(readFileSync(path, 'utf8'), owner)
  } catch {
    return { kind: 'ignored', reason: `"${path}" is ignored: it cannot be read` }
  }
}

function defaultFile(environment: NodeJS.ProcessEnv): string {
  const appData = environment['APPDATA']
  return process.platform === 'win32' && appData !== undefined
    ? join(appData, 'postgresql', 'pgpass.conf')
    : join(environment['HOME'] || homedir(), '.pgpass')
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/**
 * The folders of sockets that packages of PostgreSQL have as their default: libpq looks them up as
 * "localhost".
 */
const DEFAULT_SOCKETS = ['/var/run/postgresql', '/run/postgresql', '/tmp']

function searchLines(text: string, { host, port, database, user }: PasswordOwner): FoundPassword {
  const wanted = [DEFAULT_SOCKETS.includes(host) ? 'localhost' : host, String(port), database, user]
  for (const line of text.split('\n')) {
    const fields = line.startsWith('#') ? [] : splitFields(line.replace(/\r+$/, ''))
    const password = fields[wanted.length]
    if (password === undefined || password === '') continue
    if (wanted.every((part, index) => fields[index] === WILDCARD || readField(fields[index]) === part)) {
      return { kind: 'found', password: readField(password) }
    }
  }
  return { kind: 'none' }
}

const WILDCARD = '*'

/** Splits at each `:` that has no backslash before it. */
function splitFields(line: string): readonly string[] {
  return line.match(/(?:\\.|[^:\\]|\\$)+|(?<=:|^)(?=:|$)/gs) ?? []
}

function readField(field = ''): string {
  return field.replace(/\\(.)/gs, '$1')
}
