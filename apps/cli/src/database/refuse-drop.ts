import { BlockList, isIP } from 'node:net'
import { basename } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { parseConnectionUrl } from '@tidemark/pg-driver/client'
import { embeddedPath } from '../config/embedded-url.ts'
import { refuseProtected } from './check-protected.ts'
import type { DatabaseSettings } from './require-database.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** What {@link refuseDrop} looks at. */
export type DropSettings = Pick<
  DatabaseSettings,
  'protected' | 'development' | 'database' | 'directUrl' | 'environment'
>

/**
 * Refuses to drop what is not certainly a database for development, and of which the name was not given: a
 * protected one, any where NODE_ENV is production, and one on a server unless its environment says `development`
 * and the server is on this machine.
 *
 * @throws {TidemarkError} TM7013, TM7038, and TM7010 for another name.
 */
export function refuseDrop(
  settings: DropSettings,
  named: string,
  variables: Readonly<Record<string, string | undefined>>,
): void {
  refuseProtected(settings, 'reset')
  const { name, host } = describeDatabase(settings.directUrl ?? settings.database)
  if (variables['NODE_ENV'] === 'production') throw inProduction(name)
  if (host !== undefined && !settings.development) throw notForDevelopment(name, settings.environment)
  if (host !== undefined && !isThisMachine(host)) throw elsewhere(name, host)
  if (named === name) return
  throw new TidemarkError({
    code: 'TM7010',
    message: `the name of the database is "${name}", not "${named}"`,
    help: 'nothing was changed; check that it is the database that you mean',
  })
}

/**
 * Says why a database is not one for development, to which files are applied as they are saved: a protected one, none
 * where NODE_ENV is production, and one on a server unless its environment says so and the server is on this machine.
 *
 * @returns null where it is one.
 */
export function whyNotDevelopment(
  settings: Omit<DropSettings, 'database'> & { readonly database: string | undefined },
  variables: Readonly<Record<string, string | undefined>>,
): string | null {
  const url = settings.directUrl ?? settings.database
  if (url === undefined) return 'no database is configured'
  if (settings.protected) return 'the database is protected'
  if (variables['NODE_ENV'] === 'production') return 'NODE_ENV is "production"'
  const { name, host } = describeDatabase(url)
  if (host === undefined) return null
  if (!settings.development) return `the configuration does not say \`"development": true\` of "${name}"`
  return isThisMachine(host) ? null : `"${name}" is on "${host}", which is not this machine`
}

/** Gives the name and the host of a database; an embedded one has the name of its folder, and no host. */
export function describeDatabase(url: string): { readonly name: string; readonly host?: string } {
  const embedded = embeddedPath(url)
  if (embedded !== undefined) return { name: basename(embedded) }
  const read = parseConnectionUrl(url)
  if (!read.ok) throw new TypeError('the URL was checked with the settings')
  const { target, address } = read.value
  return { name: target.database, host: address ?? target.host }
}

function isThisMachine(host: string): boolean {
  if (host === 'localhost' || host.startsWith('/')) return true
  const family = isIP(host)
  return family !== 0 && LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

function inProduction(name: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7038',
    message: `NODE_ENV is "production", so the database "${name}" is not dropped`,
    help: '--drop is for development',
  })
}

function notForDevelopment(name: string, environment: string | undefined): TidemarkError {
  const place = environment === undefined ? 'the configuration' : `the environment "${environment}"`
  return new TidemarkError({
    code: 'TM7038',
    message: `${place} does not say that the database "${name}" is for development`,
    help: 'if everything in it may be lost, add `"development": true` there',
  })
}

function elsewhere(name: string, host: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7038',
    message: `the database "${name}" is on "${host}", which is not this machine`,
    help: '--drop is for localhost or a Unix socket; elsewhere drop it by hand, with dropdb',
  })
}
