import { startServer } from '@tidemark/test-servers'
import fc from 'fast-check'
import pg from 'pg'
import { operations } from './operation.ts'
import { play } from './play.ts'

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
  try {
    await fc.assert(
      fc.asyncProperty(operations, async (sequence) => {
        if (isOver()) return
        await play(stage, sequence)
        tally.sequences += 1
        tally.operations += sequence.length
      }),
      { seed, numRuns: sequences, endOnFailure: false },
    )
    return tally
  } finally {
    await client.end()
  }
}

/** A server made for this: no disk, no passwords. */
export function startModelServer() {
  return startServer({ hba: ['host all all 127.0.0.1/32 trust'] })
}
