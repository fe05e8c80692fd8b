import { compareIds, type Diagnostic, isSectionName, type Span, scanSql } from '@tidemark/core'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  baseName,
  type ForeignFile,
  type ForeignMigration,
  type ForeignProject,
  type ForeignText,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import type { ImportFormat } from '../import-format.ts'

const DOWN_FILE = /[._-](down|undo|rollback|revert)\.sql$/i
const UP_FILE = /[._-](up|do|deploy|apply)\.sql$/i
const UP_LINE = /^[ \t]*--[ \t]*(?:=+[ \t]*)?up(?: migration)?(?:[ \t]*=+)?[ \t]*$/im
const DOWN_LINE = /^[ \t]*--[ \t]*(?:=+[ \t]*)?down(?: migration)?(?:[ \t]*=+)?[ \t]*$/im

/**
 * Any folder of SQL files, subfolders included, numbers in names by value. `x.down.sql` (undo, rollback, revert) is the @down
 * of `x.sql` or `x.up.sql`; lines `-- Up Migration` and `-- Down Migration` (node-pg-migrate) divide a file.
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
  const foreign = texts.filter((file) => !own.includes(file))
  const isPaired = new Set(
    foreign.filter(({ name }) => !DOWN_FILE.test(name)).map(({ name }) => stemOf(name)),
  )
  const backs = new Map(
    foreign
      .filter(({ name }) => DOWN_FILE.test(name) && isPaired.has(stemOf(name)))
      .map((file) => [stemOf(file.name), file]),
  )
  const migrations = foreign
    .filter((file) => backs.get(stemOf(file.name)) !== file)
    .sort((a, b) => compareIds(stemOf(a.name), stemOf(b.name)) || compareIds(a.name, b.name))
    .map((file) => readFile(file, backs.get(stemOf(file.name))))
  const findings: readonly Diagnostic[] = own.map(({ path }) =>
    notCarriedOver(path, 'already a migration of Tidemark', 'copy it as it is'),
  )
  return { migrations, findings }
}

function listSql(files: readonly ForeignFile[]): readonly ForeignText[] {
  return files.filter(hasText).filter(({ name }) => name.endsWith('.sql'))
}

function stemOf(name: string): string {
  return name
    .replace(DOWN_FILE, '')
    .replace(UP_FILE, '')
    .replace(/\.sql$/, '')
}

/** A migration of Tidemark has a marker `-- @up`. */
function isOwn(text: string): boolean {
  return scanSql(text, { markers: isSectionName }).markers.some(({ name }) => name === 'up')
}

function readFile(file: ForeignText, back: ForeignText | undefined): ForeignMigration {
  const whole = wholeFile(file)
  const divided = back === undefined ? divide(file.text) : undefined
  const { text } = file
  return {
    version: file.name,
    name: baseName(back === undefined ? file.name.replace(/\.sql$/, '') : stemOf(file.name)),
    description: undefined,
    up:
      divided === undefined
        ? whole
        : { ...whole, span: { start: 0, end: divided.down.start }, directives: [divided.up] },
    down:
      back !== undefined
        ? wholeFile(back)
        : divided && {
            ...whole,
            span: { start: divided.down.start, end: text.length },
            directives: [divided.down],
          },
    transaction: 'required',
    run: 'once',
  }
}

/** Divides a file at its own two comments, when both are there in this order. */
function divide(text: string): { readonly up: Span; readonly down: Span } | undefined {
  const up = find(UP_LINE, text)
  const down = find(DOWN_LINE, text)
  return up === undefined || down === undefined || down.start < up.end ? undefined : { up, down }
}

function find(pattern: RegExp, text: string): Span | undefined {
  const match = pattern.exec(text)
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length }
}
