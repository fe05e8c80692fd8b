import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIndexHeap } from './index-heap.ts'

test('integers come out in ascending order, whatever the order of pushing and taking', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 50 }))), (script) => {
      const heap = createIndexHeap(script.length)
      const model: number[] = []
      for (const value of script) {
        if (value === null) expect(heap.pop()).toBe(model.sort((a, b) => a - b).shift())
        else {
          heap.push(value)
          model.push(value)
        }
      }
    }),
  )
})
