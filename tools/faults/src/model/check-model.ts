import { startServer } from '@tidemark/test-servers'
import fc from 'fast-check'
import pg from 'pg'
import { operations } from './operation.ts'
import { play, type Stage } from './play.ts'
import { playSquash } from './play-squash.ts'
import { squashOperations } from './squash-model.ts'

/** The part of the sequences that is about squashes. */
const SQUASHES = 0.1

type Play<T> = (stage: Stage, sequence: readonly T[]) => Promise<void>

/** How far a model check goes. */
export interface ModelOptions {
  readonly url: string
  readonly seed: number
  readonly sequences: number
  /** Asked before each sequence: true ends the check. */
  readonly isOver?: () => boolean
}

/**
 * Plays random sequences of operations against the reference model.
 *
 * @returns how many sequences and operations were played.
 * @throws Error with the shrunk counter-example, seed and path.
 */
export async function checkModel(options: ModelOptions): Promise<{ sequences: number; operations: number }> {
  const { url, seed, sequences, isOver = () => false } = options
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  const tally = { sequences: 0, operations: 0 }
  const prefix = `m${seed}`
  let schemas = 0
  const stage = {
    url,
    client,
    newSchema() {
      schemas += 1
      return `${prefix}_${schemas}`
    },
  }
  const check = <T>(arbitrary: fc.Arbitrary<readonly T[]>, playOne: Play<T>, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (sequence) => {
        if (isOver()) return
        await playOne(stage, sequence)
        tally.sequences += 1
        tally.operations += sequence.length
      }),
      { seed, numRuns, endOnFailure: false },
    )
  try {
    const squashes = Math.ceil(sequences * SQUASHES)
    await check(squashOperations, playSquash, squashes)
    await check(operations, play, sequences - squashes)
    return tally
  } finally {
    await client.end()
  }
}

/** A server made for this: no disk, no passwords. */
export function startModelServer() {
  return startServer({ hba: ['host all all 127.0.0.1/32 trust'] })
}
