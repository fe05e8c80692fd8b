import { expect, test } from 'vitest'
import { parseEmbeddedUrl } from './embedded-url.ts'

test.each([
  ['pglite:memory', { kind: 'memory' }],
  ['pglite:.tidemark/db', { kind: 'directory', path: '.tidemark/db' }],
  ['pglite:./memory', { kind: 'directory', path: './memory' }],
  ['pglite:/var/lib/with a space', { kind: 'directory', path: '/var/lib/with a space' }],
  ['pglite:C:\\data\\db', { kind: 'directory', path: 'C:\\data\\db' }],
  ['pglite:\\\\server\\share', { kind: 'directory', path: '\\\\server\\share' }],
  ['pglite:50%25', { kind: 'directory', path: '50%25' }],
  ['PGLITE:memory', { kind: 'memory' }],
  ['pglite://memory', { kind: 'memory' }],
])('%s is read as a place', (url, location) => {
  expect(parseEmbeddedUrl(url)).toEqual(location)
})

test.each(['pglite:', 'pglite', 'postgres://localhost/db', '', 'memory'])(
  '%s is not of this engine',
  (url) => {
    expect(parseEmbeddedUrl(url)).toBeUndefined()
  },
)
