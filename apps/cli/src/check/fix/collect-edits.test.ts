import { buildGraph, parseMigration } from '@tidemark/core'
import type { CheckFinding, DependencyEdit } from '@tidemark/shadow'
import { expect, test } from 'vitest'
import { collectEdits } from './collect-edits.ts'

function graphOf(files: Readonly<Record<string, readonly string[]>>) {
  const migrations = Object.entries(files).map(([id, dependsOn]) => {
    const parsed = parseMigration({
      path: `${id}.sql`,
      text: `-- Depends on: [${dependsOn.join(', ')}]\n-- @up\nSELECT 1;\n`,
    })
    if (!parsed.ok) throw new TypeError('the file is right')
    return parsed.value.migration
  })
  const graph = buildGraph(migrations)
  if (!graph.ok) throw new TypeError('the graph is right')
  return graph.value
}

function finding(...edits: readonly DependencyEdit[]): CheckFinding {
  const [first] = edits
  return {
    part: 'order',
    rule: 'order-differs',
    severity: 'error',
    migrationId: first?.migrationId ?? '',
    others: [],
    statement: null,
    span: null,
    message: '',
    details: [],
    edits,
    safeSql: null,
    rewrite: null,
    error: null,
  }
}

const add = (migrationId: string, dependsOn: string): DependencyEdit => ({
  kind: 'add',
  migrationId,
  dependsOn,
})
const remove = (migrationId: string, dependsOn: string): DependencyEdit => ({
  kind: 'remove',
  migrationId,
  dependsOn,
})

test('edits are joined by file, in plan order', () => {
  const graph = graphOf({ '001_a': [], '002_b': [], '003_c': ['001_a'], '004_d': ['003_c', '002_b'] })
  const findings = [
    finding(remove('004_d', '002_b')),
    finding(add('003_c', '002_b')),
    finding(add('002_b', '001_a'), add('003_c', '002_b')),
  ]
  expect(collectEdits(findings, graph).map(({ migration: { id }, ...edit }) => ({ id, ...edit }))).toEqual([
    { id: '002_b', add: ['001_a'], remove: [], rewrites: new Map() },
    { id: '003_c', add: ['002_b'], remove: [], rewrites: new Map() },
    { id: '004_d', add: [], remove: ['002_b'], rewrites: new Map() },
  ])
})

test('a later number may become a dependency, and a cycle is never made', () => {
  const graph = graphOf({ '001_a': [], '002_b': [], '003_c': ['002_b'], '004_d': [] })
  const edits = (...all: readonly DependencyEdit[]) =>
    collectEdits([finding(...all)], graph).map(({ migration: { id }, add: ids }) => ({ id, ids }))
  expect(edits(add('001_a', '004_d'))).toEqual([{ id: '001_a', ids: ['004_d'] }])
  expect(edits(add('002_b', '003_c'))).toEqual([])
  expect(edits(add('001_a', '003_c'), add('002_b', '001_a'))).toEqual([{ id: '002_b', ids: ['001_a'] }])
})
