import fc from 'fast-check'

/** What the squash model knows: `q` builds on `p`, `z` builds on `q`; `s` is the squash of `p` and `q`. */
export type SquashId = 'p' | 'q' | 's' | 'z'

/** In the order of plans. */
export const SQUASH_IDS: readonly SquashId[] = ['p', 'q', 's', 'z']

/** One thing that somebody does. */
export type SquashOperation =
  | { readonly kind: 'add' | 'remove'; readonly id: SquashId }
  /** All in one: what a squash is for. */
  | { readonly kind: 'squash' | 'up' | 'down' }

const id = fc.constantFrom(...SQUASH_IDS)
const kind = <const K extends string>(...kinds: readonly K[]) => fc.constantFrom(...kinds)

const operation: fc.Arbitrary<SquashOperation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: kind('add'), id }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('remove'), id }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('squash') }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('up') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('down') }) },
)

/** Random sequences of operations over a squash and what it replaces. */
export const squashOperations: fc.Arbitrary<readonly SquashOperation[]> = fc.array(operation, {
  minLength: 3,
  maxLength: 14,
})

/** What must be true of a squash beside, instead of, or after what it replaces. */
export class SquashReference {
  readonly files = new Set<SquashId>()
  /** What counts as applied by a row of its own that is not set aside. */
  readonly applied = new Set<SquashId>()
  /** Labels as they stand in the database. */
  readonly effect: SquashId[] = []
  /** How often each file was executed. */
  readonly ran: SquashId[] = []

  /** The squash is ignored until all that it replaces is deleted. */
  get isSquashed(): boolean {
    return this.files.has('s') && !this.files.has('p') && !this.files.has('q')
  }

  /** A dependency that neither a file nor a squash stands for. */
  get isBroken(): boolean {
    if (this.files.has('q') && !this.files.has('p')) return true
    return this.files.has('z') && !this.files.has('q') && !this.isSquashed
  }

  /**
   * A replaced migration counts as applied when the squash is, and the other way round only once it is
   * recorded.
   */
  counts(one: SquashId): boolean {
    return this.applied.has(one) || ((one === 'p' || one === 'q') && this.applied.has('s'))
  }

  get pending(): readonly SquashId[] {
    return SQUASH_IDS.filter((one) => {
      const isThere = one === 's' ? this.isSquashed : this.files.has(one)
      return isThere && !this.counts(one)
    })
  }

  change(operation: SquashOperation): boolean {
    if (operation.kind === 'add') this.files.add(operation.id)
    else if (operation.kind === 'remove') this.files.delete(operation.id)
    else if (operation.kind === 'squash') {
      this.files.delete('p')
      this.files.delete('q')
      this.files.add('s')
    } else return false
    return true
  }

  /** @returns `done`, or the code that refuses. */
  up(): string {
    if (this.isBroken) return 'TM2002'
    const due = this.pending
    if (due.includes('s') && this.counts('p') !== this.counts('q')) return 'TM4005'
    for (const one of due) this.#apply(one)
    return 'done'
  }

  /**
   * The latest that nothing builds on: order follows the graph here, so no clock is needed. What the files are
   * does not matter, for the stored `@down` runs.
   */
  down(): string {
    const latest = (['z', 's', 'q', 'p'] as const).find((one) => this.applied.has(one))
    if (latest === undefined) return 'done'
    this.applied.delete(latest)
    const labels: readonly SquashId[] = latest === 's' ? ['p', 'q'] : [latest]
    const left = this.effect.filter((label) => !labels.includes(label))
    this.effect.splice(0, this.effect.length, ...left)
    return 'done'
  }

  #apply(one: SquashId): void {
    const isRecorded = one === 's' && this.applied.has('p') && this.applied.has('q')
    this.applied.add(one)
    if (one === 's') {
      this.applied.delete('p')
      this.applied.delete('q')
    }
    if (isRecorded) return
    this.ran.push(one)
    this.effect.push(...(one === 's' ? (['p', 'q'] as const) : [one]))
  }
}
