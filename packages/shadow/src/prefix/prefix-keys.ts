import { type Migration, sha256Hex, type VariableValues } from '@tidemark/core'
import { shadowValues } from './for-shadow.ts'

/** Changes when a shadow of the same migrations would hold something else than before. */
const FORMAT = 'shadow 3'

/**
 * Gives the key of every prefix of a plan: the last one is that of all migrations. It depends on the order,
 * on the text of each file and the values in it, and on what `identity` names: the engine, its version, the
 * profile.
 *
 * @example prefixKeys('pglite 18.3', [first, second], {}).length // 2
 */
export function prefixKeys(
  identity: string,
  migrations: readonly Migration[],
  variables: VariableValues,
): readonly string[] {
  let key = sha256Hex(`${FORMAT}\n${identity}`)
  return migrations.map((migration) => {
    const values = JSON.stringify(Object.entries(shadowValues(migration, variables)))
    key = sha256Hex(`${key}\n${migration.id}\n${migration.checksum}\n${values}`)
    return key
  })
}
