import { quoteIdentifier } from '@tidemark/core'
import type { ServerError } from '@tidemark/pg-driver/engine'
import type { RowPlace } from './candidates.ts'
import { listSlots, type SeedGround, type Slot } from './row-slots.ts'
import { attempt } from './run-query.ts'
import type { TableFacts } from './table-facts.ts'

/** Why a row could not be made. */
export interface Refusal {
  readonly why: string
  /** Whether another role may be allowed to. */
  readonly isForbidden: boolean
}

/** How often a row is tried: with what a constraint is about, and where the server does not say what it is. */
const TRIES = { named: 250, unnamed: 40 }

/**
 * Makes one row that the constraints of its table accept. What the server refuses is tried with other values of
 * the columns that it is about, the smallest change first.
 *
 * @returns why there is none; null where there is one.
 */
export async function seedRow(
  ground: SeedGround,
  table: TableFacts,
  place: RowPlace,
): Promise<Refusal | null> {
  const slots = await listSlots(ground, table, place)
  const at = slots.map(() => 0)
  const groups: Group[] = []
  let unnamed = 0
  let refused: Refusal = { why: 'no value satisfies its constraints', isForbidden: false }
  for (let tries = 0; tries < TRIES.named; tries += 1) {
    const outcome = await insert(ground, table, slots, at)
    if (outcome === null) return null
    if (typeof outcome === 'string') return { why: outcome, isForbidden: false }
    refused = { why: outcome.message, isForbidden: outcome.code === '42501' }
    if (!mayBeOfValues(outcome)) return refused
    const suspects = findSuspects(outcome, table, slots)
    if (!suspects.isNamed) unnamed += 1
    if (unnamed > TRIES.unnamed) return refused
    const next = groupOf(groups, suspects.places, slots).walk.next()
    if (next.done === true) return refused
    for (const [place, choice] of next.value) at[place] = choice
  }
  return refused
}

/** Integrity, data and what triggers raise: other values may help. */
function mayBeOfValues({ code }: ServerError): boolean {
  return code.startsWith('23') || code.startsWith('22') || code === 'P0001'
}

/** Null: inserted. A text: a trigger or a rule kept it out. */
async function insert(
  { connection }: SeedGround,
  { name }: TableFacts,
  slots: readonly Slot[],
  at: readonly number[],
): Promise<ServerError | string | null> {
  const columns = slots.flatMap((slot) => slot.columns.map(quoteIdentifier))
  const cells = slots.flatMap((slot, place) => slot.choices[at[place] ?? 0] ?? [])
  const into =
    columns.length === 0
      ? `${name} DEFAULT VALUES`
      : `${name} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${cells.join(', ')})`
  const done = await attempt(connection, () => connection.query(`INSERT INTO ${into}`))
  if ('failure' in done) return done.failure
  return (done.value.rowCount ?? 0) > 0 ? null : 'a trigger or a rule keeps rows out'
}

interface Suspects {
  readonly places: readonly number[]
  readonly isNamed: boolean
}

/** The slots of the columns that a failure is about; all where it does not say. */
function findSuspects(
  { constraint, column, code }: ServerError,
  table: TableFacts,
  slots: readonly Slot[],
): Suspects {
  const known = table.constraints.filter(({ name }) => name === constraint)
  const names = new Set<string | null>(known.flatMap(({ columns }) => columns))
  if (column !== undefined && code === '23502') names.add(column)
  // No constraint: no partition for the row.
  if (code === '23514' && constraint === undefined) for (const one of table.partitionColumns) names.add(one)
  const all = [...slots.keys()]
  const places = all.filter((place) => slots[place]?.columns.some((name) => names.has(name)))
  return places.length === 0 || names.has(null) ? { places: all, isNamed: false } : { places, isNamed: true }
}

/** Slots that are tried together, because one constraint or several join them. */
interface Group {
  readonly places: readonly number[]
  readonly walk: Iterator<readonly (readonly [place: number, choice: number])[]>
}

function groupOf(groups: Group[], places: readonly number[], slots: readonly Slot[]): Group {
  const joined = groups.filter((group) => group.places.some((place) => places.includes(place)))
  const [only] = joined
  if (only !== undefined && joined.length === 1 && places.every((place) => only.places.includes(place)))
    return only
  const all = [...new Set([...places, ...joined.flatMap((group) => group.places)])].sort((a, b) => a - b)
  const sizes = all.map((place) => slots[place]?.choices.length ?? 0)
  const group: Group = { places: all, walk: walkChoices(all, sizes) }
  for (const old of joined) groups.splice(groups.indexOf(old), 1)
  groups.push(group)
  return group
}

/** Gives every combination of choices but the first, the smallest sum of places first. */
function* walkChoices(
  places: readonly number[],
  sizes: readonly number[],
): Generator<readonly (readonly [number, number])[]> {
  const most = sizes.reduce((sum, size) => sum + Math.max(size - 1, 0), 0)
  for (let sum = 1; sum <= most; sum += 1) {
    for (const choices of combine(sizes, sum))
      yield choices.map((choice, index) => [places[index] ?? 0, choice])
  }
}

function* combine(sizes: readonly number[], sum: number): Generator<readonly number[]> {
  const [size, ...rest] = sizes
  if (size === undefined) {
    if (sum === 0) yield []
    return
  }
  for (let choice = 0; choice < Math.min(size, sum + 1); choice += 1) {
    for (const others of combine(rest, sum - choice)) yield [choice, ...others]
  }
}
