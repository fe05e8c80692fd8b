import { expect, test } from 'vitest'
import { hideInSource } from './hide-in-source.ts'

test('what follows the scheme of a URL is hidden, and the rest of the line stays in its place', () => {
  const text = `module.exports = { database: 'postgres://ada:s3cr"et@db/shop', migratons: 'x', lockTimeout: 'soon' }`
  expect(hideInSource(text)).toBe(
    `module.exports = { database: 'postgres://${'*'.repeat('ada:s3cr"et@db/shop'.length)}', migratons: 'x', lockTimeout: 'soon' }`,
  )
})

test('JSON, other lines and keys that sound like a secret', () => {
  const text = `{\n  "directUrl": "postgres://a:b@c/d",\n  "ssl": { "passphrase": "hush, hush" },\n  "schema": "shop"\n}\n`
  const hidden = hideInSource(text)
  expect(hidden).toHaveLength(text.length)
  expect(hidden).toBe(
    `{\n  "directUrl": "postgres://*******",\n  "ssl": { "passphrase": "***** ****" },\n  "schema": "shop"\n}\n`,
  )
})
