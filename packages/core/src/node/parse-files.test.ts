import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ok } from '../result.ts'
import type { KnownFile, KnownFiles } from './known-files.ts'
import { createFileParser } from './parse-files.ts'

const bytes = (text: string) => Buffer.from(text)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Keeps in memory what each reading knows, for the next one. */
function memory(): KnownFiles & { readonly files: () => ReadonlyMap<string, KnownFile> } {
  let kept: ReadonlyMap<string, KnownFile> = new Map()
  return {
    find: (id) => kept.get(id),
    keep: (files) => {
      kept = files
    },
    files: () => kept,
  }
}

function read(known: KnownFiles, files: Readonly<Record<string, string>>) {
  const { parse, recall, done } = createFileParser('public', known)
  const results = Object.entries(files).map(([path, text]) => {
    const migration = recall(path, bytes(text))
    return migration === undefined ? parse(path, bytes(text)) : ok({ migration, notes: [] })
  })
  done()
  return results
}

test('a file is known by its bytes, with the checksum of its text', () => {
  const known = memory()
  const lf = '-- @up\nSELECT 1;\n'
  const crlf = '\uFEFF-- @up\r\nSELECT 1;\r\n'
  const files = { 'a/001_lf.sql': lf, 'a/002_crlf.sql': crlf }
  const first = read(known, files)
  expect([...known.files()].map(([id, { digest, checksum }]) => [id, digest, checksum])).toEqual([
    ['001_lf', sha256(lf), sha256(lf)],
    ['002_crlf', sha256(crlf), sha256(lf)],
  ])
  const second = read(known, files)
  for (const [index, result] of second.entries()) {
    const before = first[index]
    if (!result.ok || before?.ok !== true) throw new Error('the files are right')
    const { migration } = result.value
    expect(Object.getOwnPropertyDescriptor(migration, 'up')?.get).toBeDefined()
    expect(migration.checksum).toBe(before.value.migration.checksum)
    expect(migration.up).toEqual(before.value.migration.up)
    expect(migration.source.text).toBe(lf)
  }
})

test('what has a problem or a note is parsed each time', () => {
  const known = memory()
  const wrong = { '001_wrong.sql': '-- @up\nCOMMIT;\n', '002_note.sql': '-- @up\nSELECT 1;\n-- @down\n' }
  for (const _ of ['first', 'second']) {
    const [problem, note] = read(known, wrong)
    expect(problem?.ok).toBe(false)
    expect(note?.ok === true && note.value.notes.map(({ code }) => code)).toEqual(['TM1016'])
    expect(known.files().size).toBe(0)
  }
})

test('a file whose bytes are others is parsed, also where it becomes wrong', () => {
  const known = memory()
  read(known, { '001_a.sql': '-- @up\nSELECT 1;\n' })
  expect(read(known, { '001_a.sql': '-- @up\nSELECT 1\n' })[0]?.ok).toBe(true)
  for (const _ of ['first', 'second']) expect(read(known, { '001_a.sql': 'SELECT 1\n' })[0]?.ok).toBe(false)
  expect(known.files().get('001_a')?.digest).toBe(sha256('-- @up\nSELECT 1\n'))
})
