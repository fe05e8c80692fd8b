import { parseSearchPath, suggest, TidemarkError } from '@tidemark/core'
import { parseDatabaseUrl } from '@tidemark/pg-driver'
import { type ConnectionUrl, readUrlAlone } from '@tidemark/pg-driver/engine'
import { type FleetTarget, OUTSIDE_KEYS, TARGET_KEYS } from './fleet-target.ts'
import { isAllowedHost } from './host-pattern.ts'

/** A target that can be tried. */
export interface SoundTarget {
  readonly kind: 'sound'
  readonly name: string
  readonly target: FleetTarget
  /** Host and port: what `perServer` counts by. */
  readonly server: string
  /** Of a target from outside: its URL, with nothing added. */
  readonly address: ConnectionUrl | string
}

/** A target that says something wrong: it fails by name, and the others go on. */
export interface WrongTarget {
  readonly kind: 'wrong'
  readonly name: string
  readonly error: TidemarkError
  readonly ring?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** What became of one entry. */
export type ParsedTarget = SoundTarget | WrongTarget

/** Who wrote the entries: code and configuration are believed; a table or a file is not. */
export type TargetOrigin =
  | { readonly kind: 'code' }
  | { readonly kind: 'outside'; readonly hosts: readonly string[] }

/**
 * Checks entries one by one, in their order. What is wrong with one fails that one alone; a name that is there
 * twice fails all that have it, since nobody can say which is meant.
 *
 * @example parseTargets([{ name: 'acme', database: 'postgres://app@db/acme' }], { kind: 'code' })
 */
export function parseTargets(entries: readonly unknown[], origin: TargetOrigin): readonly ParsedTarget[] {
  const parsed = entries.map((entry, place) => parseTarget(entry, place, origin))
  const counts = new Map<string, number>()
  for (const { name } of parsed) counts.set(name, (counts.get(name) ?? 0) + 1)
  const seen = new Set<string>()
  return parsed.flatMap((one): readonly ParsedTarget[] => {
    const times = counts.get(one.name) ?? 1
    if (times === 1) return [one]
    if (seen.has(one.name)) return []
    seen.add(one.name)
    const reason = `there are ${times} targets with this name`
    return [wrong(one.name, entryOf(one), { reason, help: 'give each target a name of its own' })]
  })
}

function entryOf(one: ParsedTarget): Pick<FleetTarget, 'ring' | 'tags'> {
  return one.kind === 'sound' ? one.target : one
}

function parseTarget(entry: unknown, place: number, origin: TargetOrigin): ParsedTarget {
  const unnamed = `#${place + 1}`
  if (!isRecord(entry)) {
    return wrong(unnamed, {}, { reason: 'it is not an object', help: 'write { "name": …, "database": … }' })
  }
  const given = withoutNulls(entry)
  const { name } = given
  if (!isText(name) || name.length > 255) {
    return wrong(unnamed, {}, { reason: 'it has no name', help: 'a name is a text of 1 to 255 characters' })
  }
  const problem = findProblem(given, origin)
  if (problem !== undefined) return wrong(name, given, problem)
  if (!isTarget(given)) throw new TypeError('a target without problems is one')
  const read = readAddress(given.database, origin)
  return read.ok
    ? { kind: 'sound', name, target: given, server: read.server, address: read.address }
    : wrong(name, given, read.problem)
}

/** A query gives NULL where a row says nothing. */
function withoutNulls(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== null && value !== undefined),
  )
}

interface Problem {
  readonly reason: string
  readonly help: string
  readonly code?: 'TM7050' | 'TM7052'
}

function findProblem(entry: Readonly<Record<string, unknown>>, { kind }: TargetOrigin): Problem | undefined {
  const keys: readonly string[] = kind === 'code' ? TARGET_KEYS : OUTSIDE_KEYS
  const unknown = Object.keys(entry).find((key) => !keys.includes(key))
  if (unknown !== undefined) {
    const near = suggest(unknown, keys)
    const help = near === undefined ? `the keys are ${keys.join(', ')}` : `did you mean "${near}"?`
    return { reason: `"${unknown}" is no key of a target`, help }
  }
  for (const [key, { accepts, needs }] of Object.entries(RULES)) {
    const value = entry[key]
    if (value === undefined ? key === 'database' : !accepts(value))
      return { reason: `"${key}" ${value === undefined ? 'is missing' : needs}`, help: 'see docs/fleet.md' }
  }
  return undefined
}

interface Rule {
  readonly accepts: (value: unknown) => boolean
  readonly needs: string
}

const text: Rule = { accepts: isText, needs: 'must be a text' }

const RULES: Readonly<Record<Exclude<(typeof OUTSIDE_KEYS)[number], 'name'>, Rule>> = {
  database: text,
  schema: {
    accepts: (value) => isText(value) && value.length <= 63 && !value.includes('\0'),
    needs: 'must be the name of a schema: 1 to 63 characters',
  },
  searchPath: {
    accepts: (value) => parseSearchPath(value).ok,
    needs: 'must name schemas, such as "tenant_a,public"',
  },
  ring: text,
  tags: {
    accepts: (value) => Array.isArray(value) && value.every(isText),
    needs: 'must be a list of texts',
  },
}

type Address =
  | { readonly ok: true; readonly server: string; readonly address: SoundTarget['address'] }
  | { readonly ok: false; readonly problem: Problem }

function readAddress(database: string, origin: TargetOrigin): Address {
  if (origin.kind === 'code') {
    try {
      return { ok: true, server: serverOf(parseDatabaseUrl(database)), address: database }
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      return { ok: false, problem: { reason: error.message, help: error.help ?? '' } }
    }
  }
  const read = readUrlAlone(database)
  if (!read.ok)
    return { ok: false, problem: { ...read.error, reason: `the database URL ${read.error.reason}` } }
  const { target } = read.value
  if (isAllowedHost(origin.hosts, target)) return { ok: true, server: serverOf(target), address: read.value }
  const problem = {
    reason: `the host "${target.host}:${target.port ?? 5432}" is not among those of "fleet.hosts"`,
    help: 'add it there, if it is yours',
  }
  return { ok: false, problem }
}

function serverOf({ host, port }: { readonly host: string; readonly port: number | null }): string {
  return `${host.toLowerCase()}:${port ?? 5432}`
}

function wrong(
  name: string,
  { ring, tags }: Readonly<Record<string, unknown>>,
  { reason, help }: Problem,
): WrongTarget {
  const error = new TidemarkError({ code: 'TM7070', message: `the target "${name}": ${reason}`, help })
  const isTags = Array.isArray(tags) && tags.every(isText)
  return {
    kind: 'wrong',
    name,
    error,
    ...(isText(ring) ? { ring } : {}),
    ...(isTags ? { tags } : {}),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** After {@link findProblem}; the runner checks what is its own. */
function isTarget(
  entry: Readonly<Record<string, unknown>>,
): entry is Readonly<Record<string, unknown>> & FleetTarget {
  return isText(entry['name']) && isText(entry['database'])
}
