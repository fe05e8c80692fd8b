import fc from 'fast-check'
import { expect, test } from 'vitest'
import { graphOf, migrationsArbitrary } from '../../test/builders/graph-arbitrary.ts'
import { migration } from '../../test/builders/migration-builder.ts'
import { formatDiagnostic } from '../diagnostic/format-diagnostic.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import { compareIds } from '../text/compare-ids.ts'
import { buildGraph } from './build-graph.ts'

function problemsOf(...migrations: readonly Migration[]): string {
  const graph = buildGraph(migrations)
  return graph.ok ? '' : graph.error.map((problem) => formatDiagnostic(problem)).join('\n\n')
}

function idsOf(...migrations: readonly Migration[]): readonly MigrationId[] {
  return graphOf(...migrations).nodes.map((node) => node.migration.id)
}

/** At each step the lowest id whose dependencies are all there: the definition, in O(n²). */
function naiveOrder(migrations: readonly Migration[]): readonly MigrationId[] {
  const left = [...migrations].sort((a, b) => compareIds(a.id, b.id))
  const done: MigrationId[] = []
  while (left.length > 0) {
    const place = left.findIndex((one) => one.header.dependsOn.every((id) => done.includes(id)))
    done.push(...left.splice(place, 1).map((one) => one.id))
  }
  return done
}

test('the order is that of the definition, for every order of the input', () => {
  fc.assert(
    fc.property(migrationsArbitrary(), (migrations) => {
      expect(idsOf(...migrations)).toEqual(naiveOrder(migrations))
      expect(idsOf(...[...migrations].reverse())).toEqual(naiveOrder(migrations))
    }),
  )
})

test('20 shuffled listings of a late branch give one order', () => {
  const all = [
    migration('A'),
    migration('B', { dependsOn: ['A'] }),
    migration('C', { dependsOn: ['A'] }),
    migration('D', { dependsOn: ['B'] }),
    migration('E', { dependsOn: ['A'] }),
  ]
  const orders = fc
    .sample(fc.shuffledSubarray(all, { minLength: 5 }), 20)
    .map((list) => idsOf(...list).join())
  expect(new Set(orders)).toEqual(new Set(['A,B,C,D,E']))
})

test('edges lead both ways and hold no index twice', () => {
  const graph = graphOf(migration('1'), migration('2', { dependsOn: ['1', '1'] }))
  expect(graph.nodes.map(({ dependencies, dependents }) => ({ dependencies, dependents }))).toEqual([
    { dependencies: [], dependents: [1] },
    { dependencies: [0], dependents: [] },
  ])
})

test('a duplicate id names both files, whichever is read first', () => {
  const one = migration('007_orders', { path: 'migrations/a/007_orders.sql' })
  const two = migration('007_orders', { path: 'migrations/b/007_orders.sql' })
  const text = [
    'migrations/b/007_orders.sql:1:1 error TM2001: "007_orders" is the id of two files, "migrations/a/007_orders.sql" and "migrations/b/007_orders.sql"',
    '1 | -- Migration: 007_orders',
    '  | ^',
    'help: rename one of them: ids must be unique in the whole folder, including subfolders',
    'migrations/a/007_orders.sql:1:1 note: the other file is here',
    '1 | -- Migration: 007_orders',
    '  | ^',
  ].join('\n')
  expect(problemsOf(one, two)).toBe(text)
  expect(problemsOf(two, one)).toBe(text)
})

test('an unknown dependency is shown in its place, with the id that was meant', () => {
  expect(problemsOf(migration('005_user'), migration('007_add_orders', { dependsOn: ['005_users'] }))).toBe(
    [
      'migrations/007_add_orders.sql:2:17 error TM2002: depends on "005_users", which does not exist',
      '2 | -- Depends on: [005_users]',
      '  |                 ^^^^^^^^^',
      'help: did you mean "005_user"?',
    ].join('\n'),
  )
})

test('a dependency written with the extension of its file is reported with its id', () => {
  const text = problemsOf(migration('005_user'), migration('007_orders', { dependsOn: ['005_user.sql'] }))
  expect(text.split('\n').at(-1)).toBe('help: did you mean "005_user"?')
})

test('where a whole folder is missing every unknown id is reported, without guesses', () => {
  const files = Array.from({ length: 2000 }, (_, place) =>
    migration(`${place}_name${place}`, { dependsOn: [`${(place + 1) % 2000}_nama${(place + 1) % 2000}`] }),
  )
  const graph = buildGraph(files)
  const helps = graph.ok ? [] : graph.error.map(({ help = '' }) => help.slice(0, 12))
  expect(helps.filter((help) => help === 'did you mean')).toHaveLength(1000)
  expect(helps.filter((help) => help === 'add the file')).toHaveLength(1000)
})

test('a migration that depends on itself is reported as that, not as a cycle', () => {
  expect(problemsOf(migration('001_a', { dependsOn: ['001_a'] }))).toBe(
    [
      'migrations/001_a.sql:2:17 error TM2004: depends on itself',
      '2 | -- Depends on: [001_a]',
      '  |                 ^^^^^',
      'help: remove "001_a" from "Depends on"',
    ].join('\n'),
  )
})

test('a cycle is printed as its shortest path, from its lowest id, with every edge', () => {
  const text = problemsOf(
    migration('4_d', { dependsOn: ['3_c'] }),
    migration('1_a', { dependsOn: ['3_c', '4_d'] }),
    migration('2_b', { dependsOn: ['1_a'] }),
    migration('3_c', { dependsOn: ['2_b', '1_a'] }),
    migration('5_e', { dependsOn: ['4_d'] }),
  )
  expect(text).toBe(
    [
      'migrations/1_a.sql:2:17 error TM2003: the dependencies form a cycle: "1_a" → "3_c" → "1_a"',
      '2 | -- Depends on: [3_c, 4_d]',
      '  |                 ^^^',
      'help: remove one of these from "Depends on"',
      'migrations/3_c.sql:2:22 note: "3_c" depends on "1_a"',
      '2 | -- Depends on: [2_b, 1_a]',
      '  |                      ^^^',
    ].join('\n'),
  )
})

test('of a long cycle only the ends are named', () => {
  const id = (number: number): string => `${String(number).padStart(3, '0')}_a`
  const files = Array.from({ length: 400 }, (_, place) =>
    migration(id(place), { dependsOn: [id((place + 1) % 400)] }),
  )
  const [problem, ...rest] = problemsOf(...files).split('\n\n')
  expect(rest).toEqual([])
  const lines = problem?.split('\n') ?? []
  const names = (from: number, to: number): readonly string[] =>
    Array.from({ length: to - from }, (_, place) => `"${id(from + place)}"`)
  expect(lines[0]).toBe(
    `migrations/000_a.sql:2:17 error TM2003: the dependencies form a cycle: ${[...names(0, 6), '… 389 more …', ...names(395, 400), '"000_a"'].join(' → ')}`,
  )
  expect(lines.filter((line) => line.includes(' note: '))).toHaveLength(12)
})

test('a blocking migration may not depend on one that a gate does not wait for', () => {
  expect(problemsOf(migration('1_a', { blocking: false }), migration('2_b', { dependsOn: ['1_a'] }))).toBe(
    [
      'migrations/2_b.sql:2:17 error TM2005: "2_b" is blocking and depends on "1_a", which is not',
      '2 | -- Depends on: [1_a]',
      '  |                 ^^^',
      'help: write "Blocking: false" here too, or make "1_a" blocking',
    ].join('\n'),
  )
})

test('all problems of all files are reported at once', () => {
  const graph = buildGraph([
    migration('1_a', { dependsOn: ['1_a', 'nowhere'] }),
    migration('2_b', { dependsOn: ['3_c'] }),
    migration('3_c', { dependsOn: ['2_b'] }),
    migration('4_d', { dependsOn: ['5_e'] }),
    migration('5_e', { dependsOn: ['4_d'] }),
  ])
  expect(graph.ok || graph.error.map((problem) => [problem.code, problem.source?.path])).toEqual([
    ['TM2004', 'migrations/1_a.sql'],
    ['TM2002', 'migrations/1_a.sql'],
    ['TM2003', 'migrations/2_b.sql'],
    ['TM2003', 'migrations/4_d.sql'],
  ])
})

test('a replaced id is an alias of the squash once every replaced file is gone', () => {
  const graph = graphOf(
    migration('003_squash', { replaces: ['001_a', '002_b'] }),
    migration('004_c', { dependsOn: ['002_b', '001_a'] }),
  )
  expect(graph.nodes.map((node) => [node.migration.id, node.dependencies])).toEqual([
    ['003_squash', []],
    ['004_c', [0]],
  ])
  expect(Object.fromEntries(graph.aliases)).toEqual({ '001_a': '003_squash', '002_b': '003_squash' })
  expect(graph.indexes.get('001_a')).toBe(0)
})

test('a squash beside a file that it replaces is ignored with a note, and what depends on it depends on that file', () => {
  const graph = graphOf(
    migration('001_a'),
    migration('002_b', { dependsOn: ['001_a'] }),
    migration('003_squash', { replaces: ['001_a', '002_b'] }),
    migration('004_c', { dependsOn: ['003_squash'] }),
  )
  expect(graph.nodes.map((node) => [node.migration.id, node.dependencies])).toEqual([
    ['001_a', []],
    ['002_b', [0]],
    ['004_c', [0, 1]],
  ])
  expect(graph.notes.map((note) => formatDiagnostic(note))).toEqual([
    [
      'migrations/003_squash.sql:3:15 note TM2008: "003_squash" is ignored: "001_a", "002_b", which it replaces, are still there',
      '3 | -- Replaces: [001_a, 002_b]',
      '  |               ^^^^^',
      'help: delete those files once every database has them',
    ].join('\n'),
  ])
})

test('a deleted original is unknown while its squash is still ignored', () => {
  expect(
    problemsOf(
      migration('002_b', { dependsOn: ['001_a'] }),
      migration('003_squash', { replaces: ['001_a', '002_b'] }),
    ),
  ).toBe(
    [
      'migrations/002_b.sql:2:17 error TM2002: depends on "001_a", which does not exist',
      '2 | -- Depends on: [001_a]',
      '  |                 ^^^^^',
      'help: "003_squash" replaces it, but takes effect only when every file that it replaces is deleted',
    ].join('\n'),
  )
})

test('an id may be replaced once, and no file may replace or depend on itself through an alias', () => {
  const graph = buildGraph([
    migration('010_s', { replaces: ['001_a'] }),
    migration('011_t', { replaces: ['001_a', '002_b'] }),
    migration('012_u', { replaces: ['012_u'] }),
    migration('013_v', { replaces: ['003_c'], dependsOn: ['003_c'] }),
  ])
  expect(graph.ok || graph.error.map((problem) => [problem.code, problem.message])).toEqual([
    ['TM2006', '"001_a" is already replaced by "010_s"'],
    ['TM2004', '"012_u" replaces itself'],
    ['TM2004', 'depends on "003_c", which it replaces itself'],
  ])
})

test('a chain of 100,000 migrations is resolved without recursion', () => {
  const template = migration('0')
  const chain = Array.from({ length: 100_000 }, (_, place) => ({
    ...template,
    id: `${place}`,
    header: { ...template.header, dependsOn: place === 0 ? [] : [`${place - 1}`] },
    dependsOnSpans: [{ start: 0, end: 0 }],
  }))
  const graph = buildGraph(chain.toReversed())
  expect(graph.ok && graph.value.nodes.map((node) => node.migration.id)).toEqual(chain.map((one) => one.id))
})
