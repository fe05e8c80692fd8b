import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { graphOf, migrationsArbitrary } from '../../test/builders/graph-arbitrary.ts'
import { migration } from '../../test/builders/migration-builder.ts'
import { describeBranches, MAX_COMPARED_HEADS } from './describe-branches.ts'
import { listHeads } from './heads.ts'
import { listWithAncestors } from './reach.ts'

const padded = (number: number) => String(number).padStart(4, '0')

/** One root and so many heads on it; every hundredth changes the table `shared`. */
function fan(heads: number) {
  const root = migration('0000_root')
  const tips = Array.from({ length: heads }, (_, place) => {
    const table = place % 100 === 0 ? 'shared' : `own_${place}`
    return migration(`${padded(place + 1)}_tip`, {
      dependsOn: ['0000_root'],
      up: `ALTER TABLE ${table} ADD a int;`,
    })
  })
  return graphOf(root, ...tips)
}

describe('branches', () => {
  test('bring what no other head needs', () => {
    fc.assert(
      fc.property(migrationsArbitrary(), (migrations) => {
        const graph = graphOf(...migrations)
        const sides = listHeads(graph).map(({ id }) => ({
          head: id,
          ids: listWithAncestors(graph, [id]).map((node) => node.migration.id),
        }))
        const expected = sides.map(({ head, ids }) => ({
          head,
          brings: ids.filter((id) => sides.every((other) => other.head === head || !other.ids.includes(id))),
        }))
        expect(describeBranches(graph).branches).toEqual(expected)
      }),
    )
  })

  test('are compared two by two up to a limit, and beyond it by object', () => {
    const few = describeBranches(fan(MAX_COMPARED_HEADS))
    expect(few.pairs).toHaveLength((MAX_COMPARED_HEADS * (MAX_COMPARED_HEADS - 1)) / 2)
    const many = describeBranches(fan(1000))
    expect(many.pairs).toEqual([])
    expect(many.touchedBySeveral).toEqual([
      {
        object: 'shared',
        by: Array.from({ length: 10 }, (_, place) => {
          const id = `${padded(place * 100 + 1)}_tip`
          return { head: id, ids: [id] }
        }),
      },
    ])
  })

  test('make a document that grows with the heads, not with their square', () => {
    const sizeOf = (heads: number) => JSON.stringify(describeBranches(fan(heads))).length
    expect(sizeOf(1000) / sizeOf(100)).toBeLessThan(11)
  })
})
