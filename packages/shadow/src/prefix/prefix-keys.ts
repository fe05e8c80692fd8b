import { type Migration, sha256Hex } from '@tidemark/core'

/** Changes when a shadow of the same migrations would hold something else than before. */
const FORMAT = 'shadow 1'

/**
 * Gives the key of every prefix of a plan: the last one is that of all migrations. It depends on the order,
 * on the text of each file, and on what `identity` names: the engine, its version, the profile.
 *
 * @example prefixKeys('pglite 18.3', [first, second]).length // 2
 */
export function prefixKeys(identity: string, migrations: readonly Migration[]): readonly string[] {
  let key = sha256Hex(`${FORMAT}\n${identity}`)
  return migrations.map(({ id, checksum }) => {
    key = sha256Hex(`${key}\n${id}\n${checksum}`)
    return key
  })
}
