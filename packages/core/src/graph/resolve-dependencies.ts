import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { suggest } from '../diagnostic/suggest.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import { idFromPath } from '../migration/model/migration-id.ts'
import type { Squashes } from './read-squashes.ts'
import type { Edges } from './sort.ts'

/** What {@link resolveDependencies} reads. */
export interface ResolveInput {
  /** The migrations of the graph; integers are places in it. */
  readonly active: readonly Migration[]
  /** All files, ignored squashes included. */
  readonly byId: ReadonlyMap<MigrationId, Migration>
  readonly squashes: Squashes
}

/** Edges over places in `active`, each index once, and TM2002 or TM2004 for what is no edge. */
export interface ResolvedDependencies {
  readonly edges: Edges
  readonly problems: readonly Diagnostic[]
}

/**
 * Turns the ids in `Depends on` into edges. A replaced id leads to its squash; an ignored squash leads to the
 * files it replaces.
 *
 * @example resolveDependencies({ active, byId, squashes }).edges[0] // [] for a root
 */
export function resolveDependencies(input: ResolveInput): ResolvedDependencies {
  const ranks = new Map(input.active.map((migration, rank) => [migration.id, rank]))
  const problems: Diagnostic[] = []
  // Where a whole folder is missing, guesses are worth nothing, and thousands of them against thousands of
  // ids take minutes.
  const guesses = GUESSED_PAIRS / Math.max(1, input.byId.size)
  const edges = input.active.map((migration, rank) => {
    const targets: number[] = []
    migration.header.dependsOn.forEach((id, place) => {
      const direct = ranks.get(id)
      const found = direct === undefined ? resolveIndirect(id, input, ranks) : [direct]
      if (found.length === 0)
        problems.push(describeUnknown(migration, place, input, problems.length < guesses))
      else if (found.includes(rank)) problems.push(describeSelf(migration, place))
      else targets.push(...found)
    })
    return targets.length < 2 ? targets : [...new Set(targets)]
  })
  return { edges, problems }
}

/** Through a squash: the one that replaces the id, or the files that an ignored one replaces. */
function resolveIndirect(
  id: MigrationId,
  { byId, squashes }: ResolveInput,
  ranks: ReadonlyMap<MigrationId, number>,
): readonly number[] {
  const rank = ranks.get(squashes.aliases.get(id) ?? '')
  if (rank !== undefined) return [rank]
  const found = new Set<number>()
  const asked = new Set<MigrationId>([id])
  for (const name of asked) {
    const direct = ranks.get(name)
    if (direct !== undefined) found.add(direct)
    else for (const replaced of byId.get(name)?.header.replaces ?? []) asked.add(replaced)
  }
  return [...found]
}

/** How many pairs of an unknown and a known id are compared at most. */
const GUESSED_PAIRS = 2_000_000

function describeUnknown(
  migration: Migration,
  place: number,
  { byId, squashes }: ResolveInput,
  mayGuess: boolean,
): Diagnostic {
  const id = migration.header.dependsOn[place] ?? ''
  const near = mayGuess ? suggest(idFromPath(id), candidates(migration.id, byId, squashes)) : undefined
  const squash = squashes.ignored.find((one) => one.header.replaces.includes(id))
  const help =
    squash !== undefined
      ? `"${squash.id}" replaces it, but takes effect only when every file that it replaces is deleted`
      : near !== undefined
        ? `did you mean "${near}"?`
        : 'add the file, or remove the id from "Depends on"'
  return {
    code: 'TM2002',
    severity: 'error',
    message: `depends on "${id}", which does not exist`,
    source: migration.source,
    span: migration.dependsOnSpans[place] ?? { start: 0, end: 0 },
    help,
  }
}

function* candidates(
  self: MigrationId,
  byId: ReadonlyMap<MigrationId, Migration>,
  squashes: Squashes,
): Iterable<MigrationId> {
  for (const id of byId.keys()) if (id !== self) yield id
  yield* squashes.aliases.keys()
}

function describeSelf(migration: Migration, place: number): Diagnostic {
  const id = migration.header.dependsOn[place] ?? ''
  return {
    code: 'TM2004',
    severity: 'error',
    message: id === migration.id ? `depends on itself` : `depends on "${id}", which it replaces itself`,
    source: migration.source,
    span: migration.dependsOnSpans[place] ?? { start: 0, end: 0 },
    help: `remove "${id}" from "Depends on"`,
  }
}
