import fc from 'fast-check'
import { type Behaviour, IDS } from './catalogue.ts'

/** One thing that somebody does to files or database. What makes no sense at the moment does nothing. */
export type Operation =
  | { readonly kind: 'add' | 'remove' | 'remark'; readonly id: string }
  | { readonly kind: 'edit'; readonly id: string; readonly version: number }
  | { readonly kind: 'behave'; readonly id: string; readonly as: Behaviour }
  | { readonly kind: 'add_all' | 'rename' | 'up' | 'up_blocking' | 'down_last_run' | 'switch' | 'repair' }
  | { readonly kind: 'up_target' | 'down_target' | 'adopt'; readonly id: string }
  | { readonly kind: 'up_steps' | 'down_steps'; readonly count: number }
  | { readonly kind: 'mark'; readonly id: string; readonly as: 'completed' | 'pending' }
  | { readonly kind: 'by_hand'; readonly id: string; readonly as: 'completed' | 'pending' }

const id = fc.constantFrom(...IDS)
const count = fc.integer({ min: 1, max: 3 })
const as = fc.constantFrom('completed' as const, 'pending' as const)
const kind = <const K extends string>(...kinds: readonly K[]) => fc.constantFrom(...kinds)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kind('add'), id }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('add_all') }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('edit'), id, version: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('remark', 'remove'), id }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('behave'), id, as: kind('well', 'error', 'crash') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('rename') }) },
  { weight: 9, arbitrary: fc.record({ kind: kind('up') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('up_blocking') }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('up_target', 'down_target', 'adopt'), id }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('up_steps', 'down_steps'), count }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('switch', 'repair', 'down_last_run') }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('mark', 'by_hand'), id, as }) },
)

/** Random sequences of operations; they shrink by leaving out operations. */
export const operations: fc.Arbitrary<readonly Operation[]> = fc.array(operation, {
  minLength: 2,
  maxLength: 14,
})
