import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatDiagnostic } from '../diagnostic/format-diagnostic.ts'
import { sectionText } from '../migration/model/migration.ts'
import { isMarkerWord } from '../migration/sections/section-names.ts'
import { scanSql } from '../sql/scan.ts'
import { createDirectoryReader } from './read-directory.ts'
import { EndlessStatement, scanLarge } from './scan-large.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-large-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const FILLER = `-- ${'x'.repeat(1000)}\n`.repeat(17_000)
const read = () => createDirectoryReader({ directory: folder, base: folder }).readMigrations()
const put = (text: string) => writeFile(join(folder, '001_large.sql'), text)

async function readOne() {
  const result = await read()
  if (!result.ok) throw new TypeError(result.error.map((one) => formatDiagnostic(one)).join('\n'))
  const [migration] = result.value.migrations
  if (migration?.large === undefined) throw new TypeError('the file is large')
  return { migration, large: migration.large }
}

async function sent(large: Awaited<ReturnType<typeof readOne>>['large']) {
  const texts: string[] = []
  for await (const { part, statement, copyData } of large.readUp()) {
    const text = part.source.text.slice(statement.codeStart, statement.codeEnd)
    const pieces: Uint8Array[] = []
    if (copyData !== undefined) for await (const bytes of copyData) pieces.push(Buffer.from(bytes))
    texts.push(copyData === undefined ? text : `${text}\n${Buffer.concat(pieces)}`)
  }
  return texts
}

test('a large file has the checksum of its bytes, its header and other sections whole, and a digest of its @up', async () => {
  const row = `(${`'${'y'.repeat(60)}', `.repeat(40)}1)`
  const text = `-- Description: A large file
-- Transaction: none
-- @up
CREATE TABLE t (a text);
INSERT INTO t VALUES ${row};
COPY t FROM stdin;
one
two
\\.
${FILLER}SELECT 1;
-- @down
DROP TABLE t;
-- @verify
SELECT true;
`
  await put(text)
  const { migration, large } = await readOne()
  const hashOf = (part: string) => createHash('sha256').update(part).digest('hex')
  expect(migration.checksum).toBe(hashOf(text))
  expect(migration.header).toMatchObject({ description: 'A large file', transaction: 'none' })
  const insert = `INSERT INTO t VALUES ${row};`
  const digest = migration.source.text.slice(migration.up.body.start, migration.up.body.end)
  expect(digest).toContain(`-- tidemark: ${insert.length} bytes, sha256 ${hashOf(insert)}\n);\n`)
  expect(digest).toContain(`COPY t FROM stdin;\n-- tidemark: 8 bytes, sha256 ${hashOf('one\ntwo\n')}\n\\.\n`)
  expect(migration.source.text.length).toBeLessThan(2500)
  expect(migration.up.statements).toHaveLength(4)
  expect(migration.down?.statements).toHaveLength(1)
  expect(migration.verify?.statements).toHaveLength(1)
  expect(large.statementCount).toBe(4)
  expect(await sent(large)).toEqual([
    'CREATE TABLE t (a text);',
    insert,
    'COPY t FROM stdin;\none\ntwo\n',
    'SELECT 1;',
  ])
})

test('CRLF and a BOM are taken away before hashing and sending', async () => {
  const text = `-- @up\nSELECT 'a\nb';\nCOPY t FROM stdin;\n1\n\\.\n${FILLER}SELECT 2;\n`
  await put(`\uFEFF${text.replaceAll('\n', '\r\n')}`)
  const { migration, large } = await readOne()
  expect(migration.checksum).toBe(createHash('sha256').update(text).digest('hex'))
  expect(await sent(large)).toEqual(["SELECT 'a\nb';", 'COPY t FROM stdin;\n1\n', 'SELECT 2;'])
})

test('data that is larger than a piece arrives whole, wherever the pieces end', async () => {
  const data = Array.from({ length: 1_500_000 }, (_, index) => `${index}\trow \\\\. 😀\n`).join('')
  await put(`-- @up\nCOPY t FROM stdin;\n${data}\\.\nSELECT 2;\n`)
  const { large } = await readOne()
  expect((await sent(large)).map((one) => createHash('sha256').update(one).digest('hex'))).toEqual(
    [`COPY t FROM stdin;\n${data}`, 'SELECT 2;'].map((one) => createHash('sha256').update(one).digest('hex')),
  )
})

test('what a rollback executes is kept with its data, however much of it fits into one piece', async () => {
  const data = Array.from({ length: 120_000 }, (_, index) => `${index}\trow \\\\. 😀\n`).join('')
  const down = `COPY t FROM stdin;\n${data}\\.\nDROP TABLE u;`
  await put(`-- @up\nCREATE TABLE u (id int);\n${FILLER}-- @down\n${down}\n-- @verify\nSELECT true;\n`)
  const { migration } = await readOne()
  const kept = migration.down === undefined ? '' : sectionText(migration, migration.down)
  expect([kept.length, kept === down]).toEqual([down.length, true])
  expect([migration.down?.statements.length, migration.verify?.statements.length]).toEqual([2, 1])
})

test('problems are shown with their lines, however far behind', async () => {
  await put(`-- @up\n${FILLER}SELECT 1; COMMIT;\nVACUUM;\nSET standard_conforming_strings = off;\n-- @dwon\n`)
  const result = await read()
  if (result.ok) throw new TypeError('the file is wrong')
  expect(result.error.map((one) => formatDiagnostic(one).split('\n', 2))).toEqual([
    [
      '001_large.sql:17002:11 error TM1018: COMMIT is not allowed in a migration: Tidemark controls the transaction',
      '17002 | SELECT 1; COMMIT;',
    ],
    ['001_large.sql:17003:1 error TM1019: VACUUM cannot run inside a transaction block', '17003 | VACUUM;'],
    [
      "001_large.sql:17004:1 error TM1032: with this setting, a backslash in '…' would escape a quote",
      '17004 | SET standard_conforming_strings = off;',
    ],
    ['001_large.sql:17005:1 error TM1010: unknown marker "@dwon"', '17005 | -- @dwon'],
  ])
})

test('what never ends is reported where it begins, and so is what is not text', async () => {
  const codes = async (text: string | Buffer) => {
    await writeFile(join(folder, '001_large.sql'), text)
    const result = await read()
    return result.ok ? [] : result.error.map(({ code, message }) => `${code} ${message}`)
  }
  expect(await codes(`-- @up\nCOPY t FROM stdin;\n${FILLER}`)).toEqual([
    'TM1024 the data of a COPY begins here and never ends',
  ])
  expect(await codes(`-- @up\nSELECT 'x;\n${FILLER}`)).toEqual(['TM1024 a string begins here and never ends'])
  expect(await codes(`${FILLER}SELECT 1;\n`)).toEqual([expect.stringContaining('TM1001')])
  const start = Buffer.from(`-- @up\n${FILLER}`)
  expect(await codes(Buffer.concat([start, Buffer.from([0xff])]))).toEqual([
    `TM1025 byte 0xFF at offset ${start.length} is not valid UTF-8`,
  ])
  expect(await codes(Buffer.concat([start, Buffer.from([0])]))).toEqual([expect.stringContaining('TM1026')])
})

test('what is stored whole has a limit', async () => {
  await put(`-- @up\nSELECT 1;\n-- @down\n${'SELECT 1;\n'.repeat(2_000_000)}`)
  const result = await read()
  if (result.ok) throw new TypeError('the file is wrong')
  expect(result.error.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'TM7024 the header, "@down" and "@verify" of a file can have at most 16 MiB together',
  ])
})

test('data that a rollback would need has the same limit', async () => {
  await put(`-- @up\nSELECT 1;\n-- @down\nCOPY t FROM stdin;\n${'1234567\n'.repeat(2_200_000)}\\.\n`)
  const result = await read()
  expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual(['TM7024'])
})

test('an interrupt ends the reading of a large file, in its data too', async () => {
  const data = `${'x'.repeat(999)}\n`.repeat(20_000)
  for (const text of [`-- @up\nSELECT 1;\n${FILLER}`, `-- @up\nCOPY t FROM stdin;\n${data}\\.\n`]) {
    await put(text)
    const controller = new AbortController()
    const reading = createDirectoryReader({ directory: folder }).readMigrations(controller.signal)
    setImmediate(() => setImmediate(() => controller.abort(new Error('enough'))))
    await expect(reading).rejects.toThrow('enough')
  }
})

test('a file that is written to while it is read is not taken', async () => {
  await put(`-- @up\nSELECT 1;\n${FILLER}SELECT 2;\n`)
  const { signal } = new AbortController()
  let pieces = 0
  signal.throwIfAborted = () => {
    pieces += 1
    if (pieces === 4) appendFileSync(join(folder, '001_large.sql'), 'SELECT 3;\n')
  }
  const reader = createDirectoryReader({ directory: folder, base: folder })
  await expect(reader.readMigrations(signal)).rejects.toMatchObject({
    code: 'TM7022',
    message: 'cannot read "001_large.sql": it changed while it was read',
    help: 'run it again when no other program writes to the file',
  })
})

test('a file that is written to after it was planned is reported before anything of it is sent', async () => {
  await put(`-- @up\nSELECT 1;\n${FILLER}SELECT 2;\n`)
  const { large } = await readOne()
  await appendFile(join(folder, '001_large.sql'), 'SELECT 3;\n')
  await expect(large.readUp()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'TM5022' })
})

test.each([
  ['longer', Buffer.from('SELECT 3;\n')],
  ['no text', Buffer.from([0xff])],
])('a file that becomes %s while it is sent is reported', async (_, written) => {
  await put(`-- @up\nSELECT 1;\n${FILLER}SELECT 2;\n`)
  const { large } = await readOne()
  const statements = large.readUp()[Symbol.asyncIterator]()
  expect((await statements.next()).value?.index).toBe(0)
  await appendFile(join(folder, '001_large.sql'), written)
  const rest = async () => {
    while ((await statements.next()).done !== true);
  }
  await expect(rest()).rejects.toMatchObject({
    code: 'TM5022',
    message: '"001_large.sql" was changed while it ran',
  })
})

test('whatever the pieces, the statements and markers are those of the whole text', async () => {
  const part = fc.constantFrom(
    'SELECT 1;',
    '\n',
    "'a;\n'",
    '$$ ; \n$$',
    '/* ; */',
    '-- @up\n',
    '-- @down\n',
    ';',
    '(',
    ')',
    '"x;"',
    'COPY t FROM stdin;\n1\n\\.\n',
    'COPY t FROM stdin CSV;\n"\n\\.\n"\n\\.\n',
    'COPY t FROM stdin;\n',
    '\\.\n',
    '\\restrict x\n',
    '😀',
    ' ',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 25 }),
      fc.integer({ min: 1, max: 9 }),
      async (parts, size) => {
        const text = parts.join('')
        const expected = scanSql(text, { markers: isMarkerWord })
        const found: string[] = []
        const markers: string[] = []
        for await (const { part: window, scan, copyData } of scanLarge(pieces(text, size), 'a.sql')) {
          for (const statement of scan.statements) {
            const { codeStart, codeEnd, copyData: inline } = statement
            const isStreamed = copyData !== undefined && statement === scan.statements.at(-1)
            const data =
              inline === undefined || isStreamed ? '' : window.source.text.slice(inline.start, inline.end)
            found.push(window.source.text.slice(codeStart, codeEnd) + data)
          }
          markers.push(...scan.markers.map(({ name }) => name))
          if (copyData !== undefined)
            for await (const bytes of copyData) found.push(`${found.pop() ?? ''}${bytes}`)
        }
        const whole = expected.statements.map(
          ({ codeStart, codeEnd, copyData: data }) =>
            text.slice(codeStart, codeEnd) + (data ? text.slice(data.start, data.end) : ''),
        )
        const hasWords = (one: string) => one !== '' && one !== ';'
        expect(found.filter(hasWords)).toEqual(whole.filter(hasWords))
        expect(markers).toEqual(expected.markers.map(({ name }) => name))
      },
    ),
    { numRuns: 1000 },
  )
})

test.each([
  ['at the end of the file', ''],
  ['before others', 'SELECT 2;\n'.repeat(20)],
])('a statement %s is refused by its size in bytes, and reported where it begins', async (_, rest) => {
  const before = "SELECT 'é'; -- one\n"
  const statement = (bytes: number) => `SELECT '${'😀'.repeat(20)}${'x'.repeat(bytes - 90)}';`
  const scan = async (text: string) => {
    const found: string[] = []
    for await (const { part, scan: window } of scanLarge(pieces(text, 7), 'a.sql', 200))
      found.push(
        ...window.statements.map((one) => part.source.text.slice(one.codeStart, one.codeEnd).slice(0, 8)),
      )
    return found.filter((one) => one !== '')
  }
  const others = rest === '' ? [] : Array.from({ length: 20 }, () => 'SELECT 2')
  expect(await scan(`${before}${statement(200)}\n${rest}`)).toEqual(["SELECT '", "SELECT '", ...others])
  for (const longer of [statement(201), statement(1000), `SELECT '${'x\n'.repeat(300)}`]) {
    const error = await scan(`${before}${longer}\n${rest}`).catch((thrown: unknown) => thrown)
    if (!(error instanceof EndlessStatement)) throw error
    const { source, startBytes } = error.part
    const skipped = Buffer.from(before + longer)
      .subarray(0, startBytes)
      .toString()
    expect((skipped + source.text).startsWith(before)).toBe(true)
    expect(source.text.trimStart()).toMatch(/^(-- one\n)?SELECT '[x😀]/u)
  }
})

/**
 * Pieces of whole characters, as they come from a file: what was read before is overwritten by what comes
 * next.
 */
async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const characters = Array.from(text)
  for (let at = 0; at < characters.length; at += size) {
    const piece = Buffer.from(characters.slice(at, at + size).join(''))
    yield piece
    piece.fill('#')
  }
}
