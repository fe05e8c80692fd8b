import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSeverityReader } from './keep-severities.ts'

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const response = (fields: readonly string[]) =>
  Buffer.from(`${fields.map((field) => `${field}\0`).join('')}\0`)

test('the severity of each error and notice is read however the bytes are cut', () => {
  const severity = fc.constantFrom('ERROR', 'FATAL', 'WARNING', 'NOTICE')
  const spoken = fc.tuple(fc.constantFrom('E', 'N'), severity).map(([type, name]) => ({
    severity: name,
    bytes: message(type, response(['Sübersetzt', `V${name}`, 'MEine Meldung'])),
  }))
  const other = fc
    .tuple(fc.constantFrom('D', 'T', 'C', 'Z', 'd'), fc.uint8Array({ maxLength: 40 }))
    .map(([type, body]) => ({ severity: undefined, bytes: message(type, Buffer.from(body)) }))
  fc.assert(
    fc.property(fc.array(fc.oneof(spoken, other)), fc.array(fc.nat({ max: 30 })), (sent, cuts) => {
      const read: string[] = []
      const reader = createSeverityReader((name) => read.push(name))
      let rest: Buffer = Buffer.concat(sent.map(({ bytes }) => bytes))
      for (const cut of cuts) {
        reader(rest.subarray(0, cut))
        rest = rest.subarray(cut)
      }
      reader(rest)
      expect(read).toEqual(sent.flatMap(({ severity: name }) => name ?? []))
    }),
  )
})

test('without the untranslated field the word is what there is', () => {
  const read: string[] = []
  createSeverityReader((severity) => read.push(severity))(message('E', response(['SFATAL', 'Mtoo old'])))
  expect(read).toEqual(['FATAL'])
})
