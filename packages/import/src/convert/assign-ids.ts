import { isMigrationId, proposeId } from '@tidemark/core'

/**
 * Gives each name a legal id, in order: the name itself where it can be one, else the nearest. Ids differ
 * also on file systems that ignore case. The same names give the same ids.
 *
 * @example assignIds(['1_add users', '1_add_users']) // ['1_add_users', '1_add_users-2']
 */
export function assignIds(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  // Names that are ids keep theirs, also when another name maps to it.
  const reserved = new Set(names.filter(isMigrationId).map((name) => name.toLowerCase()))
  return names.map((name, index) => {
    const legal = isMigrationId(name)
    const base = legal ? name : (proposeId(shorten(name)) ?? `migration_${index + 1}`)
    let id = base
    for (
      let number = 2;
      taken.has(id.toLowerCase()) || (id !== name && reserved.has(id.toLowerCase()));
      number += 1
    ) {
      id = `${base.slice(0, 250)}-${number}`
    }
    taken.add(id.toLowerCase())
    return id
  })
}

function shorten(name: string): string {
  return name.slice(0, 240)
}
