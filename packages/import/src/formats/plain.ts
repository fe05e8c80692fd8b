import { compareIds, type Diagnostic, isSectionName, scanSql } from '@tidemark/core'
import { describeUnclear, divideText, findDirectionMarks } from '../foreign/divide-text.ts'
import { needsReview, notCarriedOver, unclearDirection } from '../foreign/findings.ts'
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
import { readDirection } from '../foreign/named-direction.ts'
import { PASTE_DOWN } from '../foreign/read-without-ways-back.ts'
import { describeWayOver } from '../foreign/tools-in-code.ts'
import { findSharedVersions } from '../foreign/version-order.ts'
import type { ImportFormat } from '../import-format.ts'
import { nameMigrations, trimNameless } from './plain/name-migrations.ts'
import { type NamedFile, nameFiles, numberOf, pairNamedFiles } from './plain/named-files.ts'
import { findOppositeNames } from './plain/opposite-names.ts'

/**
 * Any folder of SQL files, subfolders included, numbers in names by value. `x.down.sql` (undo, rollback,
 * revert) is the @down of `x.sql` or `x.up.sql`, `NAME/down.sql` that of `NAME/up.sql`, `1.undo.x.sql` that
 * of `1.do.x.sql`; lines such as `-- Down Migration` divide a file.
 */
export const plain: ImportFormat = {
  title: 'plain SQL',
  folders: ['migrations', 'sql', 'db', 'db/migrations'],
  recognizes: ({ files }) => listSql(files).some(({ text }) => !isOwn(text)),
  hasDirections: true,
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
  const pairs = pairNamedFiles(ups, downs)
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
      ...refuseFolderOfWaysBack(texts),
      ...own.map(({ path }) => notCarriedOver(path, 'already a migration of Tidemark', 'copy it as it is')),
      ...alone.map((entry) => describeAlone(entry, doubtful.has(entry))),
      ...parts.flatMap(({ findings }) => findings),
      ...findSharedNumbers(migrations, forward),
      ...nameTool(texts),
      ...findOppositeNames(forward),
    ],
  }
}

/** A folder such as `down` or `revert`, named by itself: all that is in it goes back. */
function refuseFolderOfWaysBack([first]: readonly ForeignText[]): readonly Diagnostic[] {
  if (first === undefined) return []
  const folder = baseName(first.path.slice(0, -first.name.length - 1))
  if (readDirection(`${folder}/x`).way !== 'down') return []
  const message = `the name of its folder, "${folder}", says that it goes back`
  const help = 'name the folder around it, which has the files that go forward: `--from FOLDER`'
  return [unclearDirection({ path: first.path, text: '' }, undefined, message, help)]
}

function listSql(files: readonly ForeignFile[]): readonly ForeignText[] {
  return files.filter(hasText).filter(({ name }) => name.endsWith('.sql'))
}

/** A migration of Tidemark has a marker `-- @up`. */
function isOwn(text: string): boolean {
  return scanSql(text, { markers: isSectionName }).markers.some(({ name }) => name === 'up')
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

/** Tools whose pairs are read by their names. */
const TOOLS: readonly (readonly [title: string, names: RegExp])[] = [
  ['Postgrator', /^\d+\.(?:do|undo)\./],
  ['umzug', /^down\/[^/]+\.sql$/],
]

/** Such files are read as they are named. */
function nameTool(texts: readonly ForeignText[]): readonly Diagnostic[] {
  for (const [title, names] of TOOLS) {
    const file = texts.find(({ name }) => names.test(name))
    if (file === undefined) continue
    const message = `files named as those of ${title}, read in pairs`
    const help = `to have what it really makes: ${describeWayOver(title)}`
    return [needsReview({ path: file.path, text: file.text }, undefined, message, help, 'note')]
  }
  return []
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
