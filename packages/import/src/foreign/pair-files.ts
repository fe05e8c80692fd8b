import type { ForeignText } from './foreign-project.ts'

/** A file that goes one way, with what pairs it with the file that goes the other way. */
export interface OneWayFile {
  readonly file: ForeignText
  /** Its name without what says which way it goes. */
  readonly stem: string
  /** What numbers it; undefined: it has no number. */
  readonly number: string | undefined
}

/**
 * Pairs files that go forward with those that go back: by the whole stem, and by the number where only one
 * file of each kind has it.
 *
 * @returns the file that goes back, by the file that goes forward.
 * @example pairFiles([first, second], [secondDown]).get(second.file) // secondDown.file
 */
export function pairFiles(
  ups: readonly OneWayFile[],
  downs: readonly OneWayFile[],
): ReadonlyMap<ForeignText, ForeignText> {
  const byStem = group(downs, ({ stem }) => stem)
  const downsByNumber = group(downs, ({ number }) => number)
  const upsByNumber = group(ups, ({ number }) => number)
  const pairs = new Map<ForeignText, ForeignText>()
  const taken = new Set<OneWayFile>()
  const pair = ({ file }: OneWayFile, down: OneWayFile | undefined): void => {
    if (down === undefined || pairs.has(file) || taken.has(down)) return
    pairs.set(file, down.file)
    taken.add(down)
  }
  for (const up of ups) pair(up, byStem.get(up.stem)?.[0])
  for (const up of ups) {
    if (up.number === undefined || upsByNumber.get(up.number)?.length !== 1) continue
    const [only, second] = downsByNumber.get(up.number) ?? []
    if (second === undefined) pair(up, only)
  }
  return pairs
}

function group<K>(
  files: readonly OneWayFile[],
  keyOf: (file: OneWayFile) => K,
): ReadonlyMap<K, readonly OneWayFile[]> {
  const groups = new Map<K, OneWayFile[]>()
  for (const file of files) {
    const key = keyOf(file)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [file])
    else known.push(file)
  }
  return groups
}
