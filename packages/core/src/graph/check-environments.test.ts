import { expect, test } from 'vitest'
import { problemsOf } from '../../test/builders/history-builder.ts'
import { type MigrationSketch, migration } from '../../test/builders/migration-builder.ts'
import { buildGraph, type GraphOptions } from './build-graph.ts'

const base = migration('1_base')
const seed = migration('2_seed', { dependsOn: ['1_base'], environments: ['development', 'test'] })
const more = migration('3_more', { dependsOn: ['2_seed'], environments: ['development'] })
const last = migration('4_last', { dependsOn: ['1_base'] })
const files = [last, more, seed, base]

function idsIn(options?: GraphOptions) {
  const graph = buildGraph(files, options)
  if (!graph.ok) throw new Error(problemsOf(graph.error).join('\n'))
  const { nodes, elsewhere } = graph.value
  return {
    nodes: nodes.map(({ migration: { id }, index, dependencies, dependents }) => [
      id,
      index,
      dependencies,
      dependents,
    ]),
    elsewhere: elsewhere.map(({ id }) => id),
  }
}

test('without an environment, or in another one, files that name environments are left apart', () => {
  const apart = {
    nodes: [
      ['1_base', 0, [], [1]],
      ['4_last', 1, [0], []],
    ],
    elsewhere: ['2_seed', '3_more'],
  }
  expect(idsIn()).toEqual(apart)
  expect(idsIn({ environment: 'production' })).toEqual(apart)
  expect(idsIn({ environment: 'Development' })).toEqual(apart)
})

test('in an environment its files are in the graph, and offline all of them are', () => {
  expect(idsIn({ environment: 'test' })).toEqual({
    nodes: [
      ['1_base', 0, [], [1, 2]],
      ['2_seed', 1, [0], []],
      ['4_last', 2, [0], []],
    ],
    elsewhere: ['3_more'],
  })
  expect(idsIn({ elsewhere: 'included' }).nodes.map(([id]) => id)).toEqual([
    '1_base',
    '2_seed',
    '3_more',
    '4_last',
  ])
})

test('TM2012: a file may depend only on files that are there wherever it is, whatever the environment', () => {
  const problems = (sketch: MigrationSketch) =>
    [undefined, 'development', 'production'].map((environment) => {
      const graph = buildGraph([...files, migration('5_next', sketch)], { environment })
      return graph.ok ? [] : problemsOf(graph.error)
    })
  const all =
    'error TM2012: "5_next" is for all environments and depends on "2_seed", which is for development, test alone'
  expect(problems({ dependsOn: ['2_seed'] })).toEqual([[all], [all], [all]])
  const wider =
    'error TM2012: "5_next" is for test, production and depends on "2_seed", which is for development, test alone'
  expect(problems({ dependsOn: ['2_seed'], environments: ['test', 'production'] })).toEqual([
    [wider],
    [wider],
    [wider],
  ])
  expect(problems({ dependsOn: ['2_seed'], environments: ['test'] })).toEqual([[], [], []])
})

test('the error is at the id in "Depends on", also when that names what a squash replaces', () => {
  const squash = migration('6_squash', { replaces: ['0_old'], environments: ['test'] })
  const graph = buildGraph([base, squash, migration('7_next', { dependsOn: ['1_base', '0_old'] })])
  const [problem] = graph.ok ? [] : graph.error
  const { source, span } = problem ?? {}
  expect(source?.text.slice(span?.start, span?.end)).toBe('0_old')
})
