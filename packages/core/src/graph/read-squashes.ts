import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import { compareIds } from '../text/compare-ids.ts'

/** What `Replaces` headers mean for one set of files. */
export interface Squashes {
  /** Replaced id → the squash that replaces it everywhere. */
  readonly aliases: ReadonlyMap<MigrationId, MigrationId>
  /** Squashes beside files that they replace. */
  readonly ignored: readonly Migration[]
  /** TM2008, one for each ignored squash. */
  readonly notes: readonly Diagnostic[]
  /** TM2006, TM2004. */
  readonly problems: readonly Diagnostic[]
}

/**
 * Reads which ids are replaced by which file. A squash counts once every file that it replaces is deleted;
 * before that it is ignored.
 *
 * @example readSquashes(byId).aliases.get('001_users') // '010_squash'
 */
export function readSquashes(byId: ReadonlyMap<MigrationId, Migration>): Squashes {
  const aliases = new Map<MigrationId, MigrationId>()
  const ignored: Migration[] = []
  const notes: Diagnostic[] = []
  const problems: Diagnostic[] = []
  const squashes = [...byId.values()].filter((migration) => migration.header.replaces.length > 0)
  for (const squash of squashes.sort((a, b) => compareIds(a.id, b.id))) {
    const beside = squash.header.replaces.filter((id) => id !== squash.id && byId.has(id))
    if (squash.header.replaces.includes(squash.id)) problems.push(describeOwnId(squash))
    else if (beside.length > 0) {
      ignored.push(squash)
      notes.push(describeIgnored(squash, beside))
    } else problems.push(...addAliases(squash, aliases, byId))
  }
  return { aliases, ignored, notes, problems }
}

function addAliases(
  squash: Migration,
  aliases: Map<MigrationId, MigrationId>,
  byId: ReadonlyMap<MigrationId, Migration>,
): Diagnostic[] {
  return squash.header.replaces.flatMap((id, place) => {
    const other = aliases.get(id)
    aliases.set(id, other ?? squash.id)
    return other === undefined || other === squash.id ? [] : describeTwice(squash, place, byId.get(other))
  })
}

function describeTwice(squash: Migration, place: number, other: Migration | undefined): Diagnostic {
  const otherPlace = other?.header.replaces.indexOf(squash.header.replaces[place] ?? '') ?? -1
  const span = other?.replacesSpans[otherPlace]
  return {
    code: 'TM2006',
    severity: 'error',
    message: `"${squash.header.replaces[place]}" is already replaced by "${other?.id}"`,
    source: squash.source,
    span: squash.replacesSpans[place] ?? { start: 0, end: 0 },
    help: 'only one file may replace it; a squash of squashes lists the squashes in "Replaces"',
    related:
      other === undefined || span === undefined
        ? []
        : [{ message: 'replaced here first', source: other.source, span }],
  }
}

function describeOwnId(squash: Migration): Diagnostic {
  return {
    code: 'TM2004',
    severity: 'error',
    message: `"${squash.id}" replaces itself`,
    source: squash.source,
    span: squash.replacesSpans[squash.header.replaces.indexOf(squash.id)] ?? { start: 0, end: 0 },
    help: 'rename the squash, or remove its own id from "Replaces"',
  }
}

function describeIgnored(squash: Migration, beside: readonly MigrationId[]): Diagnostic {
  const names = beside.map((id) => `"${id}"`).join(', ')
  return {
    code: 'TM2008',
    severity: 'note',
    message: `"${squash.id}" is ignored: ${names}, which it replaces, ${beside.length === 1 ? 'is' : 'are'} still there`,
    source: squash.source,
    span: squash.replacesSpans[squash.header.replaces.indexOf(beside[0] ?? '')] ?? { start: 0, end: 0 },
    help: `delete ${beside.length === 1 ? 'that file' : 'those files'} once every database has ${beside.length === 1 ? 'it' : 'them'}`,
  }
}
