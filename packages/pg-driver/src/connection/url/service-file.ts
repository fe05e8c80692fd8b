import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '@tidemark/core'
import { readParameter } from './parameters.ts'
import type { ConnectionSettings } from './parse-connection-uri.ts'
import { type UrlProblem, urlProblem } from './url-problem.ts'

/** Where packages of PostgreSQL look for the file of the whole system; `PGSYSCONFDIR` wins. */
const SYSTEM_FOLDERS = ['/etc/postgresql-common', '/etc/sysconfig/pgsql', '/etc']

/**
 * Reads the settings of a service as libpq does: from the file that is named, else `~/.pg_service.conf`, else
 * the system's `pg_service.conf`. https://www.postgresql.org/docs/current/libpq-pgservice.html
 *
 * @param file of `servicefile` or `PGSERVICEFILE`; undefined for the usual places.
 * @example readService('shop', undefined, process.env) // ok: host, dbname, …
 */
export function readService(
  service: string,
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Result<ConnectionSettings, UrlProblem> {
  for (const path of placesOf(file, environment)) {
    const text = readIfThere(path)
    if (text === undefined && path === file) {
      return err(
        urlProblem(
          `names the service file "${path}", which cannot be read`,
          'check servicefile or PGSERVICEFILE',
        ),
      )
    }
    const found = text === undefined ? undefined : readSection(text, service, path)
    if (found !== undefined) return found
  }
  return err(
    urlProblem(
      `names the service "${service}", which no service file defines`,
      `add the section [${service}] to ~/.pg_service.conf, or name its file with PGSERVICEFILE`,
    ),
  )
}

function placesOf(file: string | undefined, environment: NodeJS.ProcessEnv): readonly string[] {
  const own = file ?? join(environment['HOME'] || homedir(), '.pg_service.conf')
  const system = environment['PGSYSCONFDIR']
  return [own, ...(system ? [system] : SYSTEM_FOLDERS).map((folder) => join(folder, 'pg_service.conf'))]
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The first line of a keyword wins, and so does the first section of a name. */
function readSection(
  text: string,
  service: string,
  path: string,
): Result<ConnectionSettings, UrlProblem> | undefined {
  let isInside = false
  const settings = new Map<string, string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[')) {
      if (isInside) break
      isInside = line.startsWith(`[${service}]`)
    } else if (isInside) {
      const problem = addLine(settings, line)
      if (problem !== undefined) {
        return err({ ...problem, reason: `uses line ${index + 1} of "${path}", which ${problem.reason}` })
      }
    }
  }
  return isInside ? ok(settings) : undefined
}

function addLine(settings: Map<string, string>, line: string): UrlProblem | undefined {
  const at = line.indexOf('=')
  const name = line.slice(0, Math.max(at, 0))
  if (at === -1)
    return urlProblem(
      'is not KEYWORD=VALUE',
      'write each setting as KEYWORD=VALUE, without spaces around "="',
    )
  if (name === 'service' || name === 'servicefile') {
    return urlProblem(`names another ${name}`, 'write its settings into this section')
  }
  const meaning = readParameter(name, line.slice(at + 1))
  if (meaning.kind === 'problem') return meaning.problem
  if (meaning.kind === 'setting' && !settings.has(meaning.keyword))
    settings.set(meaning.keyword, meaning.value)
  return undefined
}
