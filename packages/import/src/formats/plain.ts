import { compareIds, type Diagnostic, isSectionName, scanSql } from '@tidemark/core'
import { describeUnclear, divideText, findDirectionMarks } from '../foreign/divide-text.ts'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import {
  baseName,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignSection,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { hasStatement } from '../foreign/has-statement.ts'
import { PASTE_DOWN } from '../foreign/leave-out-ways-back.ts'
import { type NamedDirection, readDirection } from '../foreign/named-direction.ts'
import { type OneWayFile, pairFiles } from '../foreign/pair-files.ts'
import { findSharedVersions, normalizeNumber } from '../foreign/version-order.ts'
import type { ImportFormat } from '../import-format.ts'

/** A file with what its name says. */
type NamedFile = OneWayFile & NamedDirection

/**
 * Any folder of SQL files, subfolders included, numbers in names by value. `x.down.sql` (undo, rollback, revert) is the @down of `x.sql` or
 * `x.up.sql`, `NAME/down.sql` that of `NAME/up.sql`, `1.undo.x.sql` that of `1.do.x.sql`; lines such as `-- Down Migration` divide a file.
 */
export const plain: ImportFormat = {
  title: 'plain SQL',
  folders: ['migrations', 'sql', 'db', 'db/migrations'],
  recognizes: ({ files }) => listSql(files).some(({ text }) => !isOwn(text)),
  read,
  history: undefined,
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = listSql(files)
  const own = texts.filter(({ text }) => isOwn(text))
  const named = nameFiles(texts.filter((file) => !own.includes(file))).toSorted(
    (a, b) => compareIds(a.stem, b.stem) || compareIds(a.file.name, b.file.name),
  )
  const downs = named.filter(({ way }) => way === 'down')
  const ups = named.filter(({ way }) => way !== 'down')
  const pairs = pairFiles(ups.toSorted(byCertainty), pairableWith(ups, downs))
  const paired = new Set(pairs.values())
  const alone = downs.filter(({ file }) => !paired.has(file))
  const doubtful = new Set(alone.filter(({ certainty }) => certainty === 'possible'))
  const forward = named.filter((entry) => entry.way !== 'down' || doubtful.has(entry))
  const names = nameMigrations(forward, pairs)
  const parts = forward.map((entry, index) =>
    readFile(entry.file, names[index] ?? entry.stem, pairs.get(entry.file)),
  )
  const migrations = parts.map(({ migration }) => migration)
  return {
    migrations,
    findings: [
      ...own.map(({ path }) => notCarriedOver(path, 'already a migration of Tidemark', 'copy it as it is')),
      ...alone.map((entry) => describeAlone(entry, doubtful.has(entry))),
      ...parts.flatMap(({ findings }) => findings),
      ...findSharedNumbers(migrations, forward),
    ],
  }
}

function listSql(files: readonly ForeignFile[]): readonly ForeignText[] {
  return files.filter(hasText).filter(({ name }) => name.endsWith('.sql'))
}

/** A migration of Tidemark has a marker `-- @up`. */
function isOwn(text: string): boolean {
  return scanSql(text, { markers: isSectionName }).markers.some(({ name }) => name === 'up')
}

/** A name such as `slow_down` means nothing where the file divides itself, or has a way back of its own (`slow_down.down.sql`). */
function nameFiles(files: readonly ForeignText[]): readonly NamedFile[] {
  const read = files.map((file) => ({ file, ...readDirection(file.name) }))
  const backs = new Set(read.flatMap(({ way, stem }) => (way === 'down' ? [stem] : [])))
  return read.map((entry): NamedFile => {
    const { file, way, certainty } = entry
    const path = file.name.slice(0, -'.sql'.length)
    const isDoubtful = way === 'down' && certainty !== 'certain'
    const goesForward =
      isDoubtful && (backs.has(path) || findDirectionMarks(file.text).some((mark) => mark.way === 'up'))
    const named = goesForward ? { ...entry, way: undefined, stem: path } : entry
    const folder = named.stem.slice(0, named.stem.lastIndexOf('/') + 1)
    const number = isDoubtful && !goesForward ? undefined : numberOf(baseName(named.stem))
    return { ...named, number: number === undefined ? undefined : `${folder}${number}` }
  })
}

/** A file `x.up.sql` comes before `x.sql` when `x.down.sql` is to be given to one. */
function byCertainty(a: NamedFile, b: NamedFile): number {
  return Number(a.way === undefined) - Number(b.way === undefined)
}

/** `NAME/down.sql` belongs to the only other file of its folder, also when that is no `up.sql`. */
function pairableWith(ups: readonly NamedFile[], downs: readonly NamedFile[]): readonly NamedFile[] {
  return downs.map((down) => {
    if (!down.stem.endsWith('/')) return down
    const [only, second] = ups.filter(({ stem }) => stem.slice(0, stem.lastIndexOf('/') + 1) === down.stem)
    return only === undefined || second !== undefined ? down : { ...down, stem: only.stem }
  })
}

/**
 * The name of a pair without the word for its direction, else the name of the file. The folder's name where that says nothing (`NAME/up.sql`), and
 * in front of it where two folders have the same.
 */
function nameMigrations(
  forward: readonly NamedFile[],
  pairs: ReadonlyMap<ForeignText, ForeignText>,
): readonly string[] {
  const paths = forward.map(({ file, stem }) =>
    trimNameless(pairs.has(file) || isNameless(stem) ? stem : file.name.slice(0, -'.sql'.length)),
  )
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(baseName(path), (counts.get(baseName(path)) ?? 0) + 1)
  return paths.map((path, index) => {
    const name = (counts.get(baseName(path)) ?? 0) > 1 ? path.replaceAll('/', '_') : baseName(path)
    return name === '' ? baseName(forward[index]?.file.name ?? '').slice(0, -'.sql'.length) : name
  })
}

/** A path without its last part where that says nothing. */
function trimNameless(path: string): string {
  return isNameless(path) && path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path
}

function isNameless(path: string): boolean {
  return /^(?:|migration|migrate|script|query|sql)$/i.test(baseName(path))
}

function readFile(
  file: ForeignText,
  name: string,
  back: ForeignText | undefined,
): { readonly migration: ForeignMigration; readonly findings: readonly Diagnostic[] } {
  const whole = wholeFile(file)
  const marks = findDirectionMarks(file.text)
  const division = divideText(file.text, marks)
  const section = (span: ForeignSection['span']): ForeignSection => ({
    ...whole,
    span,
    directives: marks.filter(({ start }) => start >= span.start && start < span.end),
  })
  const migration = {
    version: file.name,
    name,
    description: undefined,
    transaction: 'required',
    run: 'once',
  } as const
  if (division.kind === 'unclear') {
    return {
      migration: { ...migration, up: whole, down: back && wholeFile(back) },
      findings: [describeUnclear(whole.source, division)],
    }
  }
  const { up, down } = division
  const inside = down && section(down)
  const [mark] = inside?.directives ?? []
  const findings: Diagnostic[] = []
  if (mark !== undefined && back !== undefined) {
    const message = `it goes back from here on, and "${back.path}" goes back, too: only that file becomes "-- @down"`
    findings.push(needsReview(whole.source, mark, message, 'check which of them belongs to "-- @down"'))
  } else if (mark !== undefined && !hasStatement(file.text.slice(up.start, up.end))) {
    const message = `all of it follows "${file.text.slice(mark.start, mark.end)}", so all of it becomes "-- @down"`
    findings.push(
      needsReview(
        whole.source,
        mark,
        message,
        'check the imported file: what goes forward belongs to "-- @up"',
      ),
    )
  }
  return {
    // Without a way back the comments that mark the way forward stay as they are.
    migration: {
      ...migration,
      up: down === undefined ? whole : section(up),
      down: back === undefined ? inside : wholeFile(back),
    },
    findings,
  }
}

function describeAlone({ file }: NamedFile, isForward: boolean): Diagnostic {
  if (!isForward) {
    const message = 'its name says that it goes back, and no file goes forward under that name'
    return notCarriedOver(file.path, message, PASTE_DOWN)
  }
  const message = 'its name may say that it goes back: it is imported as a way forward'
  const help = 'check what it does; remove the imported file if it goes back'
  return needsReview({ path: file.path, text: file.text }, undefined, message, help)
}

function findSharedNumbers(
  migrations: readonly ForeignMigration[],
  forward: readonly NamedFile[],
): readonly Diagnostic[] {
  const numbered = migrations.flatMap((migration, index) => {
    const version = numberOf(baseName(trimNameless(forward[index]?.stem ?? '')))
    return version === undefined ? [] : [{ ...migration, version }]
  })
  return findSharedVersions(numbered)
}

/** The number that a name begins with, also one of several parts: `2024-01-01-000000_posts`. */
function numberOf(name: string): string | undefined {
  const [found] = /^\d+(?:[-.]\d+)*/.exec(name) ?? []
  return found?.split(/[-.]/).map(normalizeNumber).join('.')
}
