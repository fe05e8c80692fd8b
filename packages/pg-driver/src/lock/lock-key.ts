import { createHash } from 'node:crypto'

/**
 * Gives the key of the advisory lock that runs on one tracking schema share:
 * `('x' || left(md5('tidemark:' || schema), 16))::bit(64)::bigint`, as decimal text.
 * Another schema is another key, so that two applications in one database do not wait for each other.
 *
 * @example lockKey('public') // '-3911474486069062459'
 */
export function lockKey(schema: string): string {
  return keyOf(`tidemark:${schema}`)
}

/**
 * Gives the key that runs hold in shared mode while they wait for {@link lockKey}: so a run that can let them in
 * knows of them.
 */
export function waitingKey(schema: string): string {
  return keyOf(`tidemark-waiting:${schema}`)
}

function keyOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex').slice(0, 16)
  return BigInt.asIntN(64, BigInt(`0x${hex}`)).toString()
}
