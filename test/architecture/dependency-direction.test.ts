import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listImports, root } from './list-imports.ts'

/**
 * What each package may import of ours, of others and of Node. Arrows point one way; nothing imports the
 * command line.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'packages/core': ['diff', 'zod'],
  'packages/pg-driver': ['@tidemark/core', 'kysely', 'pg', 'pg-copy-streams', 'zod', '@opentelemetry/api'],
  'packages/fleet': ['@tidemark/core', '@tidemark/pg-driver', 'graphile-worker', 'pg'],
  'packages/embedded': ['@tidemark/core', '@tidemark/pg-driver', '@electric-sql/pglite'],
  'packages/lint': ['@tidemark/core', 'libpg-query'],
  'packages/shadow': ['@tidemark/core', '@tidemark/embedded', '@tidemark/lint', '@tidemark/pg-driver', 'zod'],
  'packages/report': ['@tidemark/core', '@tidemark/shadow', 'zod'],
  'packages/import': ['@tidemark/core', 'zod'],
  'packages/gate': ['@tidemark/core', '@tidemark/pg-driver', 'zod', 'pg'],
  'packages/express-middleware': ['@tidemark/gate', 'express'],
  'packages/fastify-plugin': ['@tidemark/gate', 'fastify', 'fastify-plugin'],
  'packages/hono-middleware': ['@tidemark/gate', 'hono'],
}

/** Only these folders of core may use Node's built-in modules; everything else is pure. */
const NODE_FOLDERS = /^packages\/core\/src\/(node|checksum)\//

const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

describe.each(Object.keys(ALLOWED))('%s', (folder) => {
  const allowed = ALLOWED[folder] ?? []
  const imports = listImports(`${folder}/src`)

  test('imports only what the architecture allows', () => {
    const outside = imports.filter(({ specifier }) => !/^(\.|#|node:)/.test(specifier))
    expect(outside.length + imports.length).toBeGreaterThan(0)
    expect(outside.filter(({ specifier }) => !allowed.includes(packageName(specifier)))).toEqual([])
  })

  test('declares only what the architecture allows', () => {
    const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    )
    const declared = Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] })
    expect(declared.filter((name) => !allowed.includes(name))).toEqual([])
  })

  test('reaches into no other package by path', () => {
    const inside = imports.filter(({ specifier }) => specifier.startsWith('.'))
    const leaving = inside.filter(
      ({ file, specifier }) => !join(file, '..', specifier).startsWith(join(folder, 'src')),
    )
    expect(leaving).toEqual([])
  })
})

test('every published package is held to the architecture', () => {
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
  expect(folders.filter((folder) => !(folder in ALLOWED))).toEqual([])
})

test("core uses Node's modules only for reading files and hashing", () => {
  const builtIns = listImports('packages/core/src').filter(({ specifier }) => specifier.startsWith('node:'))
  expect(builtIns.filter(({ file }) => !NODE_FOLDERS.test(file))).toEqual([])
})

/** Hashes that other tools keep of their files; Flyway's is a CRC-32. */
const HASHES = [
  { file: 'packages/import/src/history/hash-text.ts', specifier: 'node:crypto' },
  { file: 'packages/import/src/formats/flyway/flyway-checksum.ts', specifier: 'node:zlib' },
]

test("import uses Node's modules only for reading files, and for the hashes of other tools", () => {
  const builtIns = listImports('packages/import/src').filter(({ specifier }) => specifier.startsWith('node:'))
  const outside = builtIns.filter(({ file }) => !file.startsWith('packages/import/src/files/'))
  expect(outside).toEqual(HASHES)
  const written = builtIns.filter(
    ({ specifier }) => !/^node:(fs|fs\/promises|path|zlib|crypto)$/.test(specifier),
  )
  expect(written).toEqual([])
})

test('the command line is imported by nothing', () => {
  const imports = Object.keys(ALLOWED).flatMap((folder) => listImports(`${folder}/src`))
  expect(imports.filter(({ specifier }) => packageName(specifier) === 'tidemark')).toEqual([])
})

/** The connection, and the messages that it sends. */
const PG_FILES = [
  'packages/pg-driver/src/connection/connect.ts',
  'packages/pg-driver/src/connection/copy-out.ts',
  'packages/pg-driver/src/connection/simple-message.ts',
]

test('pg is imported by the connection of the driver alone', () => {
  const files = listImports('packages/pg-driver/src').filter(({ specifier }) => specifier === 'pg')
  expect([...new Set(files.map(({ file }) => file))].filter((file) => !PG_FILES.includes(file))).toEqual([])
})
