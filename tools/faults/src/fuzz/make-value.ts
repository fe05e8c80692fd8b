import type { Random } from '../random.ts'

type Snippets = readonly [string, ...string[]]

/** Makes any JSON value; names come from the list now and then, so that it comes near to what is expected. */
export function makeValue(random: Random, names: readonly [string, ...string[]], depth = 3): unknown {
  const scalars = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    '',
    '5s',
    'none',
    'public',
    names[0],
    random.pick(names),
  ] as const
  const kind = random.integer(0, depth > 0 ? 9 : 6)
  if (kind <= 6) return random.pick(scalars)
  const count = random.integer(0, 5)
  if (kind === 7) return Array.from({ length: count }, () => makeValue(random, names, depth - 1))
  return Object.fromEntries(
    Array.from({ length: count }, () => [random.pick(names), makeValue(random, names, depth - 1)]),
  )
}

/** Replaces parts of a sound value, so that most of it stays sound. */
export function damageValue(
  random: Random,
  sound: Readonly<Record<string, unknown>>,
  names: Snippets,
): Record<string, unknown> {
  const damaged: Record<string, unknown> = { ...sound }
  for (let changes = random.integer(0, 3); changes > 0; changes -= 1) {
    const key = random.chance(0.8) ? random.pick(['', ...Object.keys(sound)]) : random.pick(names)
    if (random.chance(0.2)) delete damaged[key]
    else damaged[key] = makeValue(random, names)
  }
  return damaged
}
