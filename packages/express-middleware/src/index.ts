export type { SchemaGateOptions } from './schema-gate.ts'
export { livez, readyz, schemaGate } from './schema-gate.ts'
