import { notCarriedOver } from './findings.ts'
import type { ForeignFile, ForeignMigration, ForeignProject, ReadForeignFiles } from './foreign-project.ts'
import { type NamedDirection, readDirection, trimForward } from './named-direction.ts'

/** What to do with a file that goes back and belongs to no other. */
export const PASTE_DOWN = 'if it belongs to an imported file, paste it there under "-- @down"'

/**
 * Reads files, but for those that would become a migration and are a way back by their names: surely
 * (`x.down.sql`), or because a file of the same name goes forward (`x_down.sql` beside `x.sql`). A file with
 * marks says itself which way it goes.
 *
 * @param sure how sure a name must be that nothing else confirms.
 */
export function readWithoutWaysBack(
  read: ReadForeignFiles,
  files: readonly ForeignFile[],
  sure: readonly NamedDirection['certainty'][],
): ForeignProject {
  const all = read(files)
  const back = findWaysBack(all, files, sure)
  if (back.size === 0) return all
  const { migrations, findings } = read(files.filter(({ path }) => !back.has(path)))
  const message = 'its name says that it goes back: it is not a migration'
  return {
    migrations,
    findings: [...findings, ...[...back].map((path) => notCarriedOver(path, message, PASTE_DOWN))],
  }
}

/** The paths of such files. */
function findWaysBack(
  { migrations }: ForeignProject,
  files: readonly ForeignFile[],
  sure: readonly NamedDirection['certainty'][],
): ReadonlySet<string> {
  const names = new Map(files.map(({ path, name }) => [path, name.replace(/\.sql$/i, '')]))
  const named = migrations.map((migration) => {
    const { path } = migration.up.source
    const name = names.get(path) ?? ''
    return { migration, path, name, ...readDirection(name) }
  })
  const forward = new Set(
    named.flatMap(({ name, way, stem }) => [name, trimForward(name), ...(way === 'down' ? [] : [stem])]),
  )
  const back = named.filter(
    ({ migration, way, certainty, stem }) =>
      way === 'down' && isWhole(migration) && (sure.includes(certainty) || forward.has(stem)),
  )
  return new Set(back.map(({ path }) => path))
}

function isWhole({ up }: ForeignMigration): boolean {
  return up.directives.length === 0 && up.span.end - up.span.start === up.source.text.length
}
