import { diagnose } from '../diagnostic/diagnose.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { suggest } from '../diagnostic/suggest.ts'
import { findHeaderEntries } from './header/header-entries.ts'
import { listHeaderLines } from './header/header-lines.ts'
import { readHeaderList } from './header/header-list.ts'
import type { Migration } from './model/migration.ts'

/**
 * Finds environments in a header that the configuration does not know: TM2013, a warning each, since such a
 * file is applied nowhere.
 *
 * @param known the names under `environments` of the configuration; where there are none, nothing is said.
 * @example findUnknownEnvironments(migration, ['development', 'production'])
 */
export function findUnknownEnvironments(
  migration: Migration,
  known: readonly string[],
): readonly Diagnostic[] {
  if (migration.header.environments === undefined || known.length === 0) return []
  const { source, up, down, verify } = migration
  const markers = [up, down, verify].flatMap((section) => section?.marker.start ?? [])
  const lines = listHeaderLines(source.text, Math.min(...markers))
  const entry = findHeaderEntries(source, lines).entries.get('environments')
  if (entry === undefined) return []
  return readHeaderList(source, entry).spans.flatMap((span) => {
    const name = source.text.slice(span.start, span.end)
    if (known.includes(name)) return []
    const near = suggest(name, known)
    return diagnose(source, {
      code: 'TM2013',
      severity: 'warning',
      span,
      message: `the configuration has no environment "${name}"`,
      help:
        near === undefined
          ? `its environments are ${known.join(', ')}; add "${name}" under the key "environments", or name another`
          : `did you mean "${near}"?`,
    })
  })
}
