import { maskSecrets } from '@tidemark/core'
import { sendMessage } from '../connection/send-message.ts'
import type { ServerError } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import type { FailedStatement } from './describe-failure.ts'
import { findRoleChange, type RoleChange } from './find-role-change.ts'
import { namesIn } from './names-in.ts'
import { type FoundOwner, isFoundOwner, type OwnerQuestion, selectOwner } from './select-owner.ts'

/**
 * Explains 42501: who is connected, the role the header asks for, who owns what the error names, and whether
 * the one is a member of the other. Best effort: what cannot be asked is left out.
 */
export async function explainPrivilege(
  { connection }: ExecutionContext,
  failed: FailedStatement,
  error: ServerError,
): Promise<string> {
  const { role } = failed.script.header
  const named = readName(error.message)
  const question: OwnerQuestion = {
    message: error.message,
    names: named === undefined ? namesIn(error.message, failed) : [named.name],
    kind: named?.kind,
    role,
  }
  const found = await sendMessage(connection, selectOwner(question))
    .then(([answer]) => answer?.rows[0])
    .catch(() => undefined)
  const owner = isFoundOwner(found) ? found : undefined
  return maskSecrets(
    describe(owner, {
      role,
      kind: named?.kind,
      setRole: readSetRole(error.message),
      change: findRoleChange(failed),
    }),
  )
}

interface NamedObject {
  /** In the words of the server: `table`, `materialized view`. */
  readonly kind: string
  readonly name: string
}

/** What a message in English names; in other languages it is looked for among the names of the statement. */
function readName(message: string): NamedObject | undefined {
  const match = /^(?:must be owner of|permission denied for) ([a-z ]+?) "?([^"]+?)"?$/.exec(message)
  const [, kind, name] = match ?? []
  if (kind === undefined || name === undefined) return undefined
  // Types are named with their schema.
  return { kind, name: kind === 'type' ? (name.split('.').at(-1) ?? name) : name }
}

function readSetRole(message: string): string | undefined {
  return /^(?:permission denied to set role|must be able to SET ROLE|must be member of role) "(.+)"$/.exec(
    message,
  )?.[1]
}

function describe(
  found: FoundOwner | undefined,
  failed: {
    readonly role: string | null
    readonly kind: string | undefined
    readonly setRole: string | undefined
    readonly change: RoleChange | undefined
  },
): string {
  const connected = found === undefined ? 'the connected role' : `"${found.connected}"`
  if (failed.setRole !== undefined) {
    return `the connection is ${connected}, which is not a member of "${failed.setRole}": GRANT "${failed.setRole}" TO ${connected} (from PostgreSQL 16 on WITH SET TRUE)`
  }
  const acting = failed.role ?? found?.connected
  const runs =
    failed.role === null
      ? `the migration runs as ${connected}`
      : `the migration runs as "${failed.role}" (connected as ${connected})`
  if (found === undefined || found.owner === null || acting === undefined) {
    return `${runs}: grant it the privilege, or name another role with "-- Role: …" in the header`
  }
  return describeOwned(found, {
    runs,
    acting,
    owner: found.owner,
    kind: failed.kind ?? found.kind ?? 'object',
    change: failed.change,
  })
}

/** The owner lacks nothing, so another role acted. */
function describeChange(what: string, { number, by }: RoleChange): string {
  const how = by === 'statement' ? 'changed the role' : 'calls a function that may have changed the role'
  return `${what}, and statement ${number} ${how}: write \`RESET ROLE;\` before this statement`
}

function describeOwned(
  { name, database, member, inherits, isDatabaseOwner }: FoundOwner,
  {
    runs,
    acting,
    owner,
    kind,
    change,
  }: {
    readonly runs: string
    readonly acting: string
    readonly owner: string
    readonly kind: string
    readonly change: RoleChange | undefined
  },
): string {
  const whose = isDatabaseOwner ? `the owner of the database, "${owner}"` : `"${owner}"`
  const what = `${kind} "${name}" belongs to ${whose}`
  if (!member) {
    const grant = kind === 'schema' ? `: GRANT USAGE, CREATE ON SCHEMA "${name}" TO "${acting}"` : ''
    const ways = isDatabaseOwner
      ? `let "${owner}" grant it the privilege${grant}, or as a superuser ALTER DATABASE "${database}" OWNER TO "${acting}"`
      : `connect as "${owner}", GRANT "${owner}" TO "${acting}", or grant it the privilege itself${grant}`
    return `${runs}; ${what}, of which "${acting}" is not a member: ${ways}`
  }
  if (inherits && acting !== owner) {
    return `${runs}; ${what}, of which "${acting}" is a member: this takes more than the owner's privileges, perhaps a superuser`
  }
  if (acting === owner && change !== undefined) return describeChange(`${runs}; ${what}`, change)
  return acting === owner
    ? `${runs}; ${what}: this takes more than the owner's privileges, or they were revoked`
    : `${runs}; ${what}, of which "${acting}" is a member without inheriting: write "-- Role: ${owner}" in the header`
}
