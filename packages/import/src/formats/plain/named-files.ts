import { findDirectionMarks } from '../../foreign/divide-text.ts'
import { baseName, type ForeignText } from '../../foreign/foreign-project.ts'
import { type NamedDirection, readDirection } from '../../foreign/named-direction.ts'
import { type OneWayFile, pairFiles } from '../../foreign/pair-files.ts'
import { normalizeNumber } from '../../foreign/version-order.ts'

/** A file with what its name says. */
export type NamedFile = OneWayFile & NamedDirection

/**
 * Reads names. `slow_down` means nothing where the file divides itself, or has a way back of its own
 * (`slow_down.down.sql`); `apply_x` means nothing where no file goes back.
 */
export function nameFiles(files: readonly ForeignText[]): readonly NamedFile[] {
  const read = files.map((file) => ({ file, ...readDirection(file.name) }))
  const backs = new Set(read.flatMap(({ way, stem }) => (way === 'down' ? [stem] : [])))
  const goesBack = read.some(({ way, certainty }) => way === 'down' && certainty !== 'possible')
  return read.map((entry): NamedFile => {
    const { file, way, certainty } = entry
    const path = file.name.slice(0, -'.sql'.length)
    const isDoubtful = way === 'down' && certainty !== 'certain'
    const goesForward =
      isDoubtful && (backs.has(path) || findDirectionMarks(file.text).some((mark) => mark.way === 'up'))
    const meansNothing = goesForward || (way === 'up' && certainty !== 'certain' && !goesBack)
    const named = meansNothing ? { ...entry, way: undefined, stem: path } : entry
    const number = isDoubtful && !goesForward ? undefined : numberOf(baseName(named.stem))
    return { ...named, number: number === undefined ? undefined : `${folderOf(named.stem)}${number}` }
  })
}

/** Finds the way back of each file that goes forward, if it has one. */
export function pairNamedFiles(
  ups: readonly NamedFile[],
  downs: readonly NamedFile[],
): ReadonlyMap<ForeignText, ForeignText> {
  return pairFiles(ups.toSorted(byCertainty), pairableWith(ups, downs))
}

/** A file `x.up.sql` comes before `x.sql` when `x.down.sql` is to be given to one. */
function byCertainty(a: NamedFile, b: NamedFile): number {
  return Number(a.way === undefined) - Number(b.way === undefined)
}

/** `NAME/down.sql` belongs to the only other file of its folder, also when that is not called `up.sql`. */
function pairableWith(ups: readonly NamedFile[], downs: readonly NamedFile[]): readonly NamedFile[] {
  const stems = new Map<string, readonly string[]>()
  for (const { stem } of ups)
    stems.set(folderOf(stem), [...(stems.get(folderOf(stem)) ?? []).slice(0, 1), stem])
  return downs.map((down) => {
    const [only, second] = down.stem.endsWith('/') ? (stems.get(down.stem) ?? []) : []
    return only === undefined || second !== undefined ? down : { ...down, stem: only }
  })
}

/** The folders of a path, with the last `/`. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** The number that a name begins with, also one of several parts: `2024-01-01-000000_posts`. */
export function numberOf(name: string): string | undefined {
  const [found] = /^\d+(?:[-.]\d+)*/.exec(name) ?? []
  return found?.split(/[-.]/).map(normalizeNumber).join('.')
}
