import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMessageFramer, readSql, WIRE } from './message-framer.ts'

function message(type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header[0] = type
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

test('messages come out whole however the bytes are cut', () => {
  const messages = fc.array(
    fc.record({ type: fc.integer({ min: 1, max: 255 }), body: fc.uint8Array({ maxLength: 40 }) }),
  )
  fc.assert(
    fc.property(messages, fc.array(fc.nat({ max: 30 })), (sent, cuts) => {
      const wanted = sent.map(({ type, body }) => ({ type, bytes: message(type, body) }))
      const frame = createMessageFramer('backend')
      let rest: Buffer = Buffer.concat(wanted.map(({ bytes }) => bytes))
      const got = []
      for (const cut of cuts) {
        got.push(...frame(rest.subarray(0, cut)))
        rest = rest.subarray(cut)
      }
      got.push(...frame(rest))
      expect(got.map(({ type, bytes }) => ({ type, bytes: Buffer.from(bytes) }))).toEqual(wanted)
    }),
  )
})

test('the first message of a client has no type', () => {
  const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0])
  const query = message(WIRE.query, Buffer.from('SELECT 1\0'))
  expect(createMessageFramer('frontend')(Buffer.concat([startup, query])).map(({ type }) => type)).toEqual([
    0,
    WIRE.query,
  ])
})

test('the SQL of a query and of a parse message is read', () => {
  expect(readSql({ type: WIRE.query, bytes: message(WIRE.query, Buffer.from('SELECT é\0')) })).toBe(
    'SELECT é',
  )
  const parse = message(WIRE.parse, Buffer.from('name\0SELECT $1\0\0\0'))
  expect(readSql({ type: WIRE.parse, bytes: parse })).toBe('SELECT $1')
  expect(readSql({ type: WIRE.sync, bytes: message(WIRE.sync, Buffer.alloc(0)) })).toBeUndefined()
})
