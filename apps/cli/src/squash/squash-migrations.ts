import { formatHeader, isReversible, type Migration, type MigrationId } from '@tidemark/core'
import { cannotSquash } from './cannot-squash.ts'
import { joinSections } from './join-sections.ts'
import { type MergeHeadersOptions, mergeHeaders } from './merge-headers.ts'

/** What the squash is called and depends on. */
export interface SquashOptions extends MergeHeadersOptions {
  readonly id: MigrationId
}

/** One file that replaces many. */
export interface Squash {
  readonly text: string
  readonly replaces: readonly MigrationId[]
  readonly reversible: boolean
  readonly notes: readonly string[]
}

/**
 * Writes one migration for many: their `@up` in plan order, their `@down` in reverse, all their `@verify`. No
 * SQL is lost: where one of them cannot be rolled back, the squash cannot either, and the `@down` of the
 * others are in it as comments.
 *
 * @param members in the order in which they are applied.
 * @throws {TidemarkError} TM7025 where one file cannot mean what they mean.
 */
export function squashMigrations(members: readonly Migration[], options: SquashOptions): Squash {
  const large = members.find((migration) => migration.large !== undefined)
  if (large !== undefined) {
    throw cannotSquash(`${large.id} is over 16 MiB`, 'squash up to the one before with --through')
  }
  const { header, notes } = mergeHeaders(members, options)
  const up = joinSections(members, (migration) => migration.up)
  const down = joinSections([...members].reverse(), (migration) => migration.down)
  const verify = joinSections(members, (migration) => migration.verify)
  const batched = members.filter(({ header }) => header.batches !== undefined).map(({ id }) => id)
  const irreversible = members.filter((migration) => !isReversible(migration)).map(({ id }) => id)
  const reversible = irreversible.length === 0 && down.text !== ''
  const sections = [
    `-- @up\n${up.text}\n`,
    ...(reversible ? [`-- @down\n${down.text}\n`] : []),
    ...(verify.text === '' ? [] : [`-- @verify\n${verify.text}\n`]),
    ...(reversible || down.text === '' ? [] : [asComment(irreversible, down.text)]),
  ]
  return {
    text: `${formatHeader(options.id, header)}\n${sections.join('\n')}`,
    replaces: header.replaces,
    reversible,
    notes: [
      ...notes,
      ...up.notes,
      ...(batched.length === 0
        ? []
        : [`the whole table is one batch of ${batched.join(', ')}: on a new database it has few rows`]),
      ...(irreversible.length === 0
        ? []
        : [`the squash cannot be rolled back, because of ${irreversible.join(', ')}`]),
      ...(verify.text === ''
        ? []
        : ['all @verify run at the end: those of early migrations must still hold then']),
    ],
  }
}

// The `|` keeps a commented line from being read as a marker.
function asComment(irreversible: readonly MigrationId[], text: string): string {
  const lines = text.split('\n').map((line) => `-- | ${line}`.trimEnd())
  return `-- Not rolled back, because ${irreversible.join(', ')} cannot be; what the others would do:\n${lines.join('\n')}\n`
}
