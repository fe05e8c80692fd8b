import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText } from './canonical-text.ts'
import { sha256Hex } from './checksum.ts'
import { sha256Hex as portable } from './sha256-portable.ts'

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

// Frozen: these may never change, whatever the version of the tool.
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ["-- @up\nSELECT '😀';\n", createHash('sha256').update("-- @up\nSELECT '😀';\n").digest('hex')],
])('the checksum of %j is what sha256sum prints', (text, hash) => {
  expect(sha256Hex(text)).toBe(hash)
  expect(portable(text)).toBe(hash)
})

test('the portable implementation agrees with that of Node', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(portable(text)).toBe(sha256Hex(text))
    }),
  )
  for (let length = 0; length < 140; length += 1)
    expect(portable('x'.repeat(length))).toBe(sha256Hex('x'.repeat(length)))
})

test('a BOM and line ends of any kind make no difference', () => {
  const linux = canonicalText(bytes('-- @up\nSELECT 1;\n\n'), 'a.sql')
  expect(linux).toEqual({ ok: true, value: '-- @up\nSELECT 1;\n\n' })
  expect(canonicalText(bytes([0xef, 0xbb, 0xbf], '-- @up\r\nSELECT 1;\r\n\r\n'), 'a.sql')).toEqual(linux)
  expect(canonicalText(bytes('-- @up\rSELECT 1;\r\r'), 'a.sql')).toEqual(linux)
})

test('one BOM is dropped, a second one and any other character stays', () => {
  expect(canonicalText(bytes('\uFEFF\uFEFFa\u2028b\u0085'), 'a.sql')).toEqual({
    ok: true,
    value: '\uFEFFa\u2028b\u0085',
  })
})

test.each([
  ['a stray continuation', [0x80], 0],
  ['Latin-1', [0x61, 0xe9, 0x62], 1],
  ['an overlong slash', [0x61, 0xc0, 0xaf], 1],
  ['an overlong three-byte form', [0xe0, 0x9f, 0xbf], 0],
  ['a surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80], 2],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
  ['a truncated end', [0xc3, 0xa4, 0xf0, 0x9f, 0x98], 2],
])('%s is refused at its offset', (_, invalid, offset) => {
  const result = canonicalText(Uint8Array.from(invalid), 'a.sql')
  const byte = (invalid[offset] ?? 0).toString(16).toUpperCase()
  expect(result).toMatchObject({
    ok: false,
    error: [{ code: 'TM1025', message: `byte 0x${byte} at offset ${offset} is not valid UTF-8` }],
  })
})

test('bytes are accepted exactly when they are what their text encodes to', () => {
  const piece = fc.constantFrom('a', 'ä', '€', '😀').map((text) => [...Buffer.from(text)])
  const mixed = fc.array(
    fc.oneof(
      piece,
      fc.uint8Array({ maxLength: 2 }).map((some) => [...some]),
    ),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(mixed, (parts) => {
      const input = Uint8Array.from(parts.flat())
      const text = Buffer.from(input).toString('utf8')
      const isValid = Buffer.from(text).equals(input)
      const result = canonicalText(input, 'a.sql')
      expect(result.ok).toBe(isValid && !text.includes('\0'))
    }),
    { numRuns: 1000 },
  )
})
