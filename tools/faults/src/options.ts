/** What the long version was asked for. */
export type FaultOptions =
  | {
      readonly kind: 'run'
      readonly seed: number
      readonly scale: number
      /** Disturbances of each scenario, in the place of its own count. */
      readonly count: number | undefined
      readonly minutes: number
      /** Names of scenarios; none means all. */
      readonly chosen: readonly string[]
    }
  | { readonly kind: 'usage'; readonly problem: string }

const NUMBERS = ['--seed', '--scale', '--count', '--minutes']

/** Reads the arguments; a new seed is made up where none is given. */
export function readOptions(argv: readonly string[], names: readonly string[]): FaultOptions {
  const numbers = new Map<string, number>()
  const chosen: string[] = []
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (word === '--') continue
    if (word === '--help' || word === '-h') return { kind: 'usage', problem: '' }
    if (NUMBERS.includes(word)) {
      at += 1
      const value = Number(argv[at])
      if (argv[at] === undefined || !(value >= 0))
        return { kind: 'usage', problem: `${word} takes a number\n` }
      numbers.set(word, value)
    } else if (names.includes(word)) chosen.push(word)
    else return { kind: 'usage', problem: `unknown: ${word}\n` }
  }
  return {
    kind: 'run',
    seed: numbers.get('--seed') ?? Date.now() % 1_000_000,
    scale: numbers.get('--scale') ?? 1,
    count: numbers.get('--count'),
    minutes: numbers.get('--minutes') ?? 10,
    chosen,
  }
}
