import { type Catalog, makeCatalog } from '@tidemark/core'

/**
 * Gives the role that migrates the same name in every catalog: it is the owner of the tracking tables, and
 * default privileges that a file sets without a role are its own.
 */
export function withMigratingRole(catalog: Catalog, schema: string): Catalog {
  const quoted = `"${schema.replaceAll('"', '""')}"`
  const tables = [schema, quoted].map((name) => catalog.objects.get(`table ${name}.schema_migrations`))
  const role = tables.find((table) => table !== undefined)?.facets.get('owner')
  if (role === undefined) return catalog
  const own = `for ${role} `
  return makeCatalog(
    [...catalog.objects.values()].map((object) =>
      object.kind === 'default privileges' && object.id.startsWith(own)
        ? { ...object, id: `for the migrating role ${object.id.slice(own.length)}` }
        : object,
    ),
  )
}
