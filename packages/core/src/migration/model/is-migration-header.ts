import type { MigrationHeader } from './migration.ts'
import { isMigrationId } from './migration-id.ts'
import { MIGRATION_TYPES } from './migration-words.ts'

const TYPES: ReadonlySet<unknown> = new Set(MIGRATION_TYPES)
const KEY_COUNT = 11
const OPTIONAL_KEYS = ['environments', 'variables', 'batches']

/**
 * Tells whether a value is a header and nothing more: the same rule as `MigrationHeaderSchema`, without the
 * schema's cost, which a start with a thousand applied migrations pays a thousand times.
 *
 * @example isMigrationHeader(migration.header) // true
 */
export function isMigrationHeader(value: unknown): value is MigrationHeader {
  if (typeof value !== 'object' || value === null) return false
  const optional = OPTIONAL_KEYS.filter((key) => Object.hasOwn(value, key)).length
  if (Object.keys(value).length !== KEY_COUNT + optional) return false
  const header: { readonly [Key in keyof MigrationHeader]?: unknown } = value
  return (
    typeof header.description === 'string' &&
    TYPES.has(header.type) &&
    isListOf(header.dependsOn, isMigrationId) &&
    (header.transaction === 'required' || header.transaction === 'none') &&
    (header.run === 'once' || header.run === 'on_change') &&
    isTimeout(header.lockTimeoutMs) &&
    isTimeout(header.statementTimeoutMs) &&
    (header.role === null || typeof header.role === 'string') &&
    typeof header.blocking === 'boolean' &&
    isListOf(header.replaces, isMigrationId) &&
    isListOf(header.tags, () => true) &&
    (header.environments === undefined || isListOf(header.environments, () => true)) &&
    (header.variables === undefined ||
      (Array.isArray(header.variables) && header.variables.every(isVariable))) &&
    (header.batches === undefined || isBatches(header.batches))
  )
}

function isTimeout(value: unknown): boolean {
  return value === null || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
}

function isVariable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false
  const variable: { readonly name?: unknown; readonly secret?: unknown } = value
  return typeof variable.name === 'string' && typeof variable.secret === 'boolean'
}

function isBatches(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 4) return false
  const batches: { readonly [Key in 'table' | 'column' | 'size' | 'pauseMs']?: unknown } = value
  return (
    typeof batches.table === 'string' &&
    typeof batches.column === 'string' &&
    isTimeout(batches.size) &&
    batches.size !== 0 &&
    isTimeout(batches.pauseMs)
  )
}

function isListOf(value: unknown, isItem: (item: string) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isItem(item))
}
