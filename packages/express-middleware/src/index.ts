export type { SchemaGateOptions } from './schema-gate.ts'
export { livez, readyz, schemaGate } from './schema-gate.ts'
export type { NodeHandler } from './with-gate.ts'
export { withGate } from './with-gate.ts'
