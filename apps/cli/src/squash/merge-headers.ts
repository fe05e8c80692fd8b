import { type Migration, type MigrationHeader, type MigrationId, nameEnvironments } from '@tidemark/core'
import { cannotSquash } from './cannot-squash.ts'

/** What {@link mergeHeaders} needs besides the migrations. */
export interface MergeHeadersOptions {
  /** What the squash depends on. */
  readonly dependsOn: readonly MigrationId[]
  /** Undefined: that of all of them, or a refusal. */
  readonly transaction: MigrationHeader['transaction'] | undefined
}

/** The header of a squash, and what was decided on the way. */
export interface MergedHeader {
  readonly header: MigrationHeader
  readonly notes: readonly string[]
}

/**
 * Makes one header of many. What can only be one of two things must be the same in all of them; of timeouts
 * the longest holds. A squash also replaces what its members replaced, so that a database which never met
 * them is recognised.
 *
 * @throws {TidemarkError} TM7025 where they differ in role, transaction or environments, or one runs again on change.
 */
export function mergeHeaders(
  members: readonly Migration[],
  { dependsOn, transaction }: MergeHeadersOptions,
): MergedHeader {
  refuseRepeatable(members)
  const lockTimeoutMs = longest(members.map(({ header }) => header.lockTimeoutMs))
  const statementTimeoutMs = longest(members.map(({ header }) => header.statementTimeoutMs))
  const later = members.filter(({ header }) => !header.blocking).map(({ id }) => id)
  const blocking = later.length < members.length
  const first = members[0]?.id ?? ''
  const last = members.at(-1)?.id ?? ''
  const header: MigrationHeader = {
    description: `Squash of ${members.length} migrations, ${first} to ${last}`,
    type: only(members.map((member) => member.header.type)) ?? 'custom_sql',
    dependsOn,
    transaction: transaction ?? sameTransaction(members),
    run: 'once',
    lockTimeoutMs,
    statementTimeoutMs,
    role: sameRole(members),
    blocking,
    replaces: [...new Set(members.flatMap(({ id, header: { replaces } }) => [...replaces, id]))],
    tags: [...new Set(members.flatMap((member) => member.header.tags))].filter((tag) => tag !== 'merge'),
    ...sameEnvironments(members),
    ...allVariables(members),
  }
  const notes =
    blocking && later.length > 0
      ? [`readiness gates wait for the squash, also for what was not blocking: ${later.join(', ')}`]
      : []
  return { header, notes }
}

function refuseRepeatable(members: readonly Migration[]): void {
  const repeatable = members.filter(({ header }) => header.run === 'on_change').map(({ id }) => id)
  if (repeatable.length === 0) return
  throw cannotSquash(
    `${repeatable.join(', ')} ${repeatable.length === 1 ? 'runs' : 'run'} again on every change`,
    'squash up to the one before with --through',
  )
}

function sameEnvironments(members: readonly Migration[]): Pick<MigrationHeader, 'environments'> {
  const [first, ...others] = members
  const listed = ({ header }: Migration) => [...(header.environments ?? [])].sort().join(', ')
  const other = others.find((member) => first !== undefined && listed(member) !== listed(first))
  if (first === undefined || other === undefined) return pickEnvironments(first)
  throw cannotSquash(
    `${first.id} is for ${nameEnvironments(first.header)} and ${other.id} for ${nameEnvironments(other.header)}`,
    'squash only files that are for the same environments: choose them with --through',
  )
}

/** What is secret in one of them is secret in all. */
function allVariables(members: readonly Migration[]): Pick<MigrationHeader, 'variables'> {
  const all = members.flatMap(({ header }) => header.variables ?? [])
  const names = [...new Set(all.map(({ name }) => name))]
  if (names.length === 0) return {}
  const isSecret = (name: string) => all.some((variable) => variable.name === name && variable.secret)
  return { variables: names.map((name) => ({ name, secret: isSecret(name) })) }
}

function pickEnvironments(member: Migration | undefined): Pick<MigrationHeader, 'environments'> {
  const environments = member?.header.environments
  return environments === undefined ? {} : { environments }
}

function sameTransaction(members: readonly Migration[]): MigrationHeader['transaction'] {
  const shared = only(members.map(({ header }) => header.transaction))
  if (shared !== undefined) return shared
  const none = members.find(({ header }) => header.transaction === 'none')
  const required = members.find(({ header }) => header.transaction === 'required')
  throw cannotSquash(
    `${none?.id} and ${required?.id} differ in Transaction`,
    'squash up to the one before with --through, or let all run without one transaction: --transaction none',
  )
}

function sameRole(members: readonly Migration[]): string | null {
  const [first, ...others] = members
  const other = others.find(({ header }) => header.role !== first?.header.role)
  if (other === undefined) return first?.header.role ?? null
  throw cannotSquash(
    `${first?.id} and ${other.id} differ in Role`,
    'squash up to the one before with --through',
  )
}

function only<T>(values: readonly T[]): T | undefined {
  return new Set(values).size === 1 ? values[0] : undefined
}

/** 0 is no limit and wins; the configured default (null) gives way to what a file asks for. */
function longest(timeouts: readonly (number | null)[]): number | null {
  if (timeouts.includes(0)) return 0
  const given = timeouts.filter((timeout) => timeout !== null)
  return given.length === 0 ? null : Math.max(...given)
}
