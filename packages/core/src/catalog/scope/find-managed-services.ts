import type { Catalog } from '../model/catalog.ts'
import { MANAGED_SCHEMAS, type ManagedService } from './managed-schemas.ts'

/** The roles that a service owns its schemas with. */
const OWNERS: Readonly<Record<string, ManagedService>> = {
  supabase_admin: 'supabase',
  supabase_auth_admin: 'supabase',
  supabase_storage_admin: 'supabase',
  rdsadmin: 'rds',
  cloud_admin: 'neon',
  neon_superuser: 'neon',
  cloudsqladmin: 'cloud-sql',
  cloudsqlsuperuser: 'cloud-sql',
}

/**
 * Tells which services manage schemas of a database, by the owners of these schemas.
 *
 * @example findManagedServices(toCatalog([{ kind: 'schema', id: 'auth', facet: 'owner', value: 'supabase_admin' }])) // ['supabase']
 */
export function findManagedServices(catalog: Catalog): readonly ManagedService[] {
  const found = new Set<ManagedService>()
  for (const { kind, id, facets } of catalog.objects.values()) {
    const service = kind === 'schema' ? OWNERS[facets.get('owner') ?? ''] : undefined
    if (service !== undefined && MANAGED_SCHEMAS[service].includes(id)) found.add(service)
  }
  return [...found]
}

/**
 * Widens a scope by what services manage in this database: their schemas are left out.
 *
 * @example withoutManagedSchemas({}, catalog) // { excludeSchemas: [] }
 */
export function withoutManagedSchemas<Scope extends { readonly excludeSchemas?: readonly string[] }>(
  scope: Scope,
  catalog: Catalog,
): Scope & { readonly excludeSchemas: readonly string[] } {
  const managed = findManagedServices(catalog).flatMap((service) => MANAGED_SCHEMAS[service])
  return { ...scope, excludeSchemas: [...(scope.excludeSchemas ?? []), ...managed] }
}
