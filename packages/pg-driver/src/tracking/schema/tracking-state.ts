import { type Guarded, isBoolean, isListOf, isNullOr, isOneOf, isRecordOf, isText } from './guard.ts'
import { TRACKING_TABLES } from './tracking-schema.ts'

const isTableState = isRecordOf({
  name: isOneOf(...TRACKING_TABLES),
  /** `pg_class.relkind`: `r` for an ordinary table. */
  kind: isText,
  owner: isText,
  /** Whether the owner is this role, one it is a member of, the database's owner or a superuser. */
  trusted: isBoolean,
  /** Whether this role has the privileges of the owner, as a superuser has. */
  owned: isBoolean,
  /** What is on it that we do not make, in words: triggers, rules, policies, defaults, … */
  oddities: isListOf(isText),
  comment: isNullOr(isText),
  columns: isListOf(isText),
  indexes: isListOf(isText),
  rowSecurity: isBoolean,
  /** Whether there is a policy that shows every row to everyone. */
  readable: isBoolean,
  /** Whether this role may insert and update, and row security lets it. */
  writable: isBoolean,
  /** Who holds privileges beside the owner; `public` is everyone. With a column, on this column alone. */
  grants: isListOf(isRecordOf({ role: isText, privilege: isText, column: isNullOr(isText) })),
  /** The sequences behind its columns, with who holds privileges on them beside the owner. */
  sequences: isListOf(isRecordOf({ name: isText, roles: isListOf(isText) })),
})

/** One of our tables' names as it is taken. */
export type TableState = Guarded<typeof isTableState>

/**
 * Tells whether an answer is what `inspectTracking` asks for. Every run asks; decision 0015 has what a schema
 * would cost.
 */
export const isTrackingState = isRecordOf({
  /** Why nothing can be written at all: a replica, or a session or database that is read-only. */
  readOnly: isOneOf('replica', 'setting', null),
  schemaExists: isBoolean,
  /** Null when the schema does not exist. */
  schemaOwner: isNullOr(isRecordOf({ owner: isText, trusted: isBoolean })),
  /** Whether DDL runs code of the database's own. */
  hasEventTriggers: isBoolean,
  tables: isListOf(isTableState),
  types: isListOf(
    isRecordOf({ name: isText, kind: isText, owner: isText, trusted: isBoolean, labels: isListOf(isText) }),
  ),
  /** Of the roles that matter, those that exist. */
  roles: isListOf(isText),
  /** Of these roles, those without USAGE on the schema. */
  shutOut: isListOf(isText),
})

/** What is in the tracking schema now, no matter who made it. */
export type TrackingState = Guarded<typeof isTrackingState>
