import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { PUBLIC_WORDS } from './public-words.ts'
import { createRedactor } from './redactor.ts'

const SCHEMAS = new URL('../../schemas/', import.meta.url)

/** Every key and every fixed value that a schema names. */
function wordsOf(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf)
  if (typeof schema !== 'object' || schema === null) return []
  const {
    properties = {},
    enum: values = [],
    const: value,
  } = schema as {
    readonly properties?: object
    readonly enum?: readonly unknown[]
    readonly const?: unknown
  }
  const words = [...Object.keys(properties), ...values, value].filter((word) => typeof word === 'string')
  return [...words, ...Object.values(schema).flatMap(wordsOf)]
}

test('a password that is a key or a fixed value of a document leaves documents whole', async () => {
  const names = await readdir(SCHEMAS)
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, SCHEMAS), 'utf8')))
  const words = new Set(texts.flatMap((text) => wordsOf(JSON.parse(text))).filter((word) => word.length >= 4))
  expect(words.size).toBeGreaterThan(100)
  expect([...words].filter((word) => !PUBLIC_WORDS.has(word))).toEqual([])
  for (const word of words) {
    const redactor = createRedactor()
    redactor.learnFrom(`postgres://ada:${word}@db/shop`)
    expect(redactor.redact(`{"${word}":"postgres://ada:${word}@db/shop"}`)).toBe(
      `{"${word}":"postgres://ada:***@db/shop"}`,
    )
  }
})
