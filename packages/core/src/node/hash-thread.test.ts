import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canonicalText } from '../checksum/canonical-text.ts'
import { sha256Hex } from '../checksum/checksum.ts'
import { openFileHash } from './hash-thread.ts'
import { readNormalized } from './normalized-bytes.ts'

const LARGE = 1024 ** 3
const MIB = 1024 * 1024
const PIECE = 'ein Stück Text — 😀\n'.repeat(100_000)
const BOM = '\u{feff}'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-hash-'))
  path = join(folder, '001.sql')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function hashOf(sizeBytes: number) {
  const hash = openFileHash({ path, sizeBytes })
  for await (const bytes of readNormalized(path, (name) => name)) hash.update(bytes)
  const digest = await hash.digest()
  await hash.close()
  return digest
}

test.each([
  ['plain text', PIECE],
  ['nothing', ''],
  ['a byte order mark', `${BOM}${PIECE}${BOM}`],
  ['CRLF', PIECE.replaceAll('\n', '\r\n')],
  ['CR', PIECE.replaceAll('\n', '\r')],
  ['CR and LF on both sides of a megabyte', `${'x'.repeat(MIB - 1)}\r\n${PIECE}`],
  ['CR on both sides of a megabyte', `${'x'.repeat(MIB - 1)}\r\r${PIECE}`],
  ['a line feed first behind a megabyte', `${'x'.repeat(MIB)}\n${PIECE}`],
  ['an LF alone behind CR and a megabyte', `${'x'.repeat(MIB - 1)}\r\n`],
  ['CR at its end', `${'x'.repeat(MIB - 1)}\r`],
])('a file of %s has the checksum of its text, hashed here or in a thread', async (_, text) => {
  await writeFile(path, text)
  const canonical = canonicalText(Buffer.from(text), path)
  const expected = canonical.ok ? sha256Hex(canonical.value) : 'unreadable'
  expect(await hashOf(1)).toBe(expected)
  expect(await hashOf(LARGE)).toBe(expected)
})

test('a thread that cannot read the file says why', async () => {
  const hash = openFileHash({ path, sizeBytes: LARGE })
  await expect(hash.digest()).rejects.toThrow('ENOENT: no such file or directory')
  await hash.close()
})

test('a thread that is closed early ends', async () => {
  await writeFile(path, PIECE)
  const hash = openFileHash({ path, sizeBytes: LARGE })
  await expect(hash.close()).resolves.toBeUndefined()
})
