import { notCarriedOver } from './findings.ts'
import type { ForeignFile, ForeignMigration, ForeignProject } from './foreign-project.ts'
import { type NamedDirection, readDirection } from './named-direction.ts'

/** What to do with a file that goes back and belongs to no other. */
export const PASTE_DOWN = 'if it belongs to an imported file, paste it there under "-- @down"'

/**
 * Leaves out migrations that are a way back by the name of their file: surely (`x.down.sql`), or because a
 * file of the same name goes forward (`x_down.sql` beside `x.sql`). A file with marks says itself which way
 * it goes.
 *
 * @param sure how sure a name must be that nothing else confirms.
 */
export function leaveOutWaysBack(
  project: ForeignProject,
  files: readonly ForeignFile[],
  sure: readonly NamedDirection['certainty'][],
): ForeignProject {
  const names = new Map(files.map(({ path, name }) => [path, name.replace(/\.sql$/i, '')]))
  const named = project.migrations.map((migration) => {
    const name = names.get(migration.up.source.path) ?? ''
    return { migration, name, direction: readDirection(name) }
  })
  const forward = new Set(
    named.flatMap(({ name, direction }) => (direction.way === 'down' ? [name] : [name, direction.stem])),
  )
  const isBack = ({ migration, direction: { way, certainty, stem } }: (typeof named)[number]): boolean =>
    way === 'down' && isWhole(migration) && (sure.includes(certainty) || forward.has(stem))
  const back = named.filter(isBack)
  return {
    migrations: named.filter((entry) => !isBack(entry)).map(({ migration }) => migration),
    findings: [
      ...project.findings,
      ...back.map(({ migration }) =>
        notCarriedOver(
          migration.up.source.path,
          'its name says that it goes back: it is not a migration',
          PASTE_DOWN,
        ),
      ),
    ],
  }
}

function isWhole({ up }: ForeignMigration): boolean {
  return up.directives.length === 0 && up.span.end - up.span.start === up.source.text.length
}
