import { MANAGED_SCHEMAS } from '@tidemark/core'
import type { DumpEntry } from '../snapshot/dump-entries.ts'

/** Managed schemas to whose tables a project adds triggers and policies of its own. */
const EXTENDED: ReadonlySet<string> = new Set(['auth', 'storage'])

const MANAGED: ReadonlySet<string> = new Set(Object.values(MANAGED_SCHEMAS).flat())

/** The managed schemas that `pg_dump` need not look into: a project may not even be allowed to. */
export const UNREAD_SCHEMAS: readonly string[] = [...MANAGED].filter((schema) => !EXTENDED.has(schema))

/**
 * Tells whether an object belongs to the service that runs the database: what is in its schemas, extensions
 * that it keeps there, and event triggers that call its functions. Triggers and policies of the project on
 * managed tables are the project's.
 */
export function isManaged({ name, type, schema, sql }: DumpEntry): boolean {
  if (type === 'SCHEMA' || / SCHEMA$/.test(type)) return MANAGED.has(name)
  if (schema === undefined) return isManagedOfDatabase(name, type, sql)
  if (!MANAGED.has(schema)) return false
  if (!EXTENDED.has(schema)) return true
  return type === 'TRIGGER' ? MANAGED.has(schemaOfFunction(sql)) : type !== 'POLICY'
}

function isManagedOfDatabase(name: string, type: string, sql: string): boolean {
  if (type === 'EXTENSION') {
    const schema = /\bWITH SCHEMA (?:"([^"]+)"|(\w+))/.exec(sql)
    const inSchema = schema?.[1] ?? schema?.[2] ?? ''
    return inSchema !== 'extensions' && MANAGED.has(inSchema)
  }
  if (type === 'EVENT TRIGGER') return MANAGED.has(schemaOfFunction(sql))
  const owner = /^(?:ACL|COMMENT|SECURITY LABEL)$/.test(type)
    ? /^(?:SCHEMA|EXTENSION) (\S+)$/.exec(name)?.[1]
    : undefined
  return owner !== undefined && MANAGED.has(owner.replaceAll('"', ''))
}

function schemaOfFunction(sql: string): string {
  const found = /EXECUTE (?:FUNCTION|PROCEDURE) (?:"([^"]+)"|(\w+))\./.exec(sql)
  return found?.[1] ?? found?.[2] ?? ''
}
