export type { SchemaGateOptions } from './schema-gate.ts'
export { requireMigrations, schemaGate } from './schema-gate.ts'
