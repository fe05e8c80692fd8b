import { type Catalog, quoteIdentifier } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { TargetRole } from '../target/target.ts'
import { runTolerantly } from './run-tolerantly.ts'

/** What is looked through for names of roles. */
export interface RoleMentions {
  readonly catalog: Catalog
  /** SQL of the plan, and roles of queries. */
  readonly texts: readonly string[]
}

/**
 * Creates the roles of a target on its copy, as far as anything names them: without login, and with what decides
 * what a statement of theirs may do. Where roles may not be created, a statement that names one says so itself.
 */
export async function createRoles(
  connection: Connection,
  roles: readonly TargetRole[],
  { catalog, texts }: RoleMentions,
): Promise<void> {
  const words = new Set<string>()
  for (const text of texts) for (const word of wordsOf(text)) words.add(word)
  for (const { facets } of catalog.objects.values()) {
    for (const [facet, value] of facets) {
      if (facet.startsWith('privileges of ')) words.add(unquote(facet.slice('privileges of '.length)))
      if (facet === 'owner' || facet === 'roles') for (const word of wordsOf(value)) words.add(word)
    }
  }
  const byName = new Map(roles.map((role) => [role.name, role]))
  const named = withGroups(
    roles.filter(({ name }) => words.has(name)),
    byName,
  )
  await runTolerantly(connection, [
    ...named.map(createRole),
    ...named.flatMap(({ name, memberOf }) =>
      memberOf.map((group) => `GRANT ${quoteIdentifier(group)} TO ${quoteIdentifier(name)}`),
    ),
  ])
}

function createRole({ name, isSuperuser, bypassesRowSecurity, inherits }: TargetRole): string {
  const options = [
    isSuperuser ? ' SUPERUSER' : '',
    bypassesRowSecurity ? ' BYPASSRLS' : '',
    inherits ? '' : ' NOINHERIT',
  ]
  return `CREATE ROLE ${quoteIdentifier(name)} NOLOGIN${options.join('')}`
}

/** With the roles that they are members of, and so on. */
function withGroups(
  roles: readonly TargetRole[],
  byName: ReadonlyMap<string, TargetRole>,
): readonly TargetRole[] {
  const all = new Set(roles)
  for (const role of all) {
    for (const group of role.memberOf) {
      const found = byName.get(group)
      if (found !== undefined) all.add(found)
    }
  }
  return [...all]
}

function wordsOf(text: string): readonly string[] {
  return (text.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).flatMap((word) =>
    word.startsWith('"') ? unquote(word) : [word, word.toLowerCase()],
  )
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
