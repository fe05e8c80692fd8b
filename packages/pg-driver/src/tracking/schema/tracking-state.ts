import type { TrackingTable } from '../../statement/tracking-tables.ts'
import { TRACKING_TABLES } from './tracking-schema.ts'

/** One of our tables' names as it is taken. */
export interface TableState {
  readonly name: TrackingTable
  /** `pg_class.relkind`: `r` for an ordinary table. */
  readonly kind: string
  readonly owner: string
  readonly comment: string | null
  readonly columns: readonly string[]
  readonly indexes: readonly string[]
  readonly rowSecurity: boolean
  /** Whether there is a policy that shows every row to everyone. */
  readonly readable: boolean
  /** Whether this role may insert and update, and row security lets it. */
  readonly writable: boolean
  /** Who holds privileges beside the owner; `public` is everyone. */
  readonly grants: readonly { readonly role: string; readonly privilege: string }[]
}

/** What is in the tracking schema now, no matter who made it. */
export interface TrackingState {
  /** Why nothing can be written at all: a replica, or a session or database that is read-only. */
  readonly readOnly: 'replica' | 'setting' | null
  readonly schemaExists: boolean
  /** Whether DDL runs code of the database's own. */
  readonly hasEventTriggers: boolean
  readonly tables: readonly TableState[]
  readonly types: readonly {
    readonly name: string
    readonly kind: string
    readonly labels: readonly string[]
  }[]
  /** Of the roles that matter, those that exist. */
  readonly roles: readonly string[]
  /** Of these roles, those without USAGE on the schema. */
  readonly shutOut: readonly string[]
}

/**
 * Tells whether an answer is what `inspectTracking` asks for. Every run asks, and a schema would take longer to make than the answer; its
 * shape is that of our own query.
 */
export function isTrackingState(value: unknown): value is TrackingState {
  return (
    isRecord(value) &&
    [null, 'replica', 'setting'].some((reason) => value['readOnly'] === reason) &&
    typeof value['schemaExists'] === 'boolean' &&
    typeof value['hasEventTriggers'] === 'boolean' &&
    isListOf(value['tables'], isTableState) &&
    isListOf(value['types'], (type) => hasTexts(type, 'name', 'kind') && isListOf(type['labels'], isText)) &&
    isListOf(value['roles'], isText) &&
    isListOf(value['shutOut'], isText)
  )
}

function isTableState(value: unknown): boolean {
  return (
    hasTexts(value, 'name', 'kind', 'owner') &&
    TRACKING_TABLES.some((name) => name === value['name']) &&
    (value['comment'] === null || isText(value['comment'])) &&
    isListOf(value['columns'], isText) &&
    isListOf(value['indexes'], isText) &&
    ['rowSecurity', 'readable', 'writable'].every((name) => typeof value[name] === 'boolean') &&
    isListOf(value['grants'], (grant) => hasTexts(grant, 'role', 'privilege'))
  )
}

function hasTexts(value: unknown, ...names: readonly string[]): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && names.every((name) => isText(value[name]))
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
