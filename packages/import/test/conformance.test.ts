import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseMigration } from '@tidemark/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RECOGNITION_ORDER } from '../src/formats.ts'
import {
  detectProject,
  FORMAT_NAMES,
  FORMATS,
  importMigrations,
  judgeHistory,
  readForeignFolder,
} from '../src/index.ts'
import { expectedFolder, ORIGINALS, originalFolder } from './originals.ts'

const DOCS = readFileSync(fileURLToPath(new URL('../../../docs/import.md', import.meta.url)), 'utf8')

test('every format has a place in the order of recognition, and a project among the fixtures', () => {
  expect([...RECOGNITION_ORDER].sort()).toEqual([...FORMAT_NAMES].sort())
  expect(ORIGINALS.map(({ format }) => format)).toEqual(FORMAT_NAMES)
})

describe.each(ORIGINALS)('the format $format', ({ format, folder, files }) => {
  const root = originalFolder(format)
  const readFolder = async () => {
    const read = await readForeignFolder(join(root, folder))
    // Messages name files by their paths in the project.
    return read.files.map((file) => ({ ...file, path: relative(root, join(root, folder, file.name)) }))
  }
  const importFolder = async () =>
    importMigrations({ format, files: await readFolder(), out: 'tidemark', trackingSchema: 'public' })

  test('is the one that its project is recognised as, and the only one', async () => {
    const projects = await detectProject(root)
    expect(projects.map((project) => [project.format, relative(root, project.folder)])).toEqual([
      [format, folder],
    ])
  })

  test('is not recognised in an empty folder', () => {
    expect(FORMATS[format].recognizes({ path: '/empty', files: [] })).toBe(false)
  })

  test('reads the files in the order in which its tool runs them', async () => {
    const { migrations } = FORMATS[format].read(await readFolder())
    expect(migrations.map(({ up }) => up.source.path)).toEqual(files)
  })

  test('gives the same whatever the order of the files', async () => {
    const found = await readFolder()
    // As text: a section made of comments has functions for its places.
    const readAll = (all: typeof found) => JSON.stringify(FORMATS[format].read(all).migrations)
    const expected = readAll(found)
    fc.assert(
      fc.property(fc.shuffledSubarray(found, { minLength: found.length }), (shuffled) => {
        expect(readAll(shuffled)).toBe(expected)
      }),
      { numRuns: 20 },
    )
  })

  test('keeps sections, directives and boundaries within the texts of the files', async () => {
    const { migrations } = FORMATS[format].read(await readFolder())
    const sections = migrations.flatMap(({ up, down }) => (down === undefined ? [up] : [up, down]))
    for (const { source, span, directives, boundaries } of sections) {
      const inside = (at: number) => at >= span.start && at <= span.end
      expect(span.end).toBeLessThanOrEqual(source.text.length)
      expect(directives.filter(({ start, end }) => !(inside(start) && inside(end)))).toEqual([])
      expect(boundaries.filter((at) => !inside(at))).toEqual([])
      expect(boundaries).toEqual([...boundaries].sort((a, b) => a - b))
    }
  })

  test('fails on no text: what it cannot use is a finding', async () => {
    const found = await readFolder()
    const words = [
      '-- @up\n',
      'BEGIN;',
      'SELECT 1;',
      "'",
      '$$',
      '/*',
      '\n',
      '-- migrate:down\n',
      '-- +goose Up\n',
      '{',
    ]
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary' })))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(text, { minLength: found.length, maxLength: found.length }), (texts) => {
        const changed = found.map((file, index) => ({ ...file, text: texts[index] }))
        importMigrations({ format, files: changed, out: 'tidemark', trackingSchema: 'public' })
      }),
      { numRuns: 50 },
    )
    expect(FORMATS[format].read([])).toEqual({ migrations: [], findings: [] })
  })

  // `npx vitest run packages/import -u` writes anew what is expected: read the difference.
  test('gives the expected files, which parse and depend on each other', async () => {
    const { migrations } = await importFolder()
    for (const { id, text } of migrations) {
      await expect(text).toMatchFileSnapshot(join(expectedFolder(format), `${id}.sql`))
    }
    const ids = migrations.map(({ id }) => id)
    const names = migrations.map(({ foreign }) => foreign.name)
    expect(readdirSync(expectedFolder(format)).sort()).toEqual(ids.map((id) => `${id}.sql`).sort())
    const parsed = migrations.map(({ path, text }) => parseMigration({ path, text }))
    expect(
      parsed.map((result) => (result.ok ? result.value.migration.header.dependsOn : result.error)),
    ).toEqual(
      migrations.map(
        ({ foreign }, index) =>
          foreign.dependsOn?.map((name) => ids[names.indexOf(name)]) ??
          ids
            .slice(0, index)
            .filter((_, at) => migrations[at]?.foreign.environments === undefined)
            .slice(-1),
      ),
    )
  })

  test('says that nothing is applied when its table is empty', async () => {
    const { migrations } = FORMATS[format].read(await readFolder())
    expect(judgeHistory(format, [], migrations)).toEqual({
      applied: migrations.map(() => false),
      unknown: [],
      findings: [],
      refusal: undefined,
    })
  })

  test('is documented, with its table', () => {
    const { history } = FORMATS[format]
    expect(DOCS.match(new RegExp(`^\\| \`${format}\` \\|`, 'gm'))).toHaveLength(history === undefined ? 1 : 2)
    if (history !== undefined) expect(DOCS).toContain(`${history.table.name}\``)
  })
})
