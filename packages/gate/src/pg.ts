export type { PgGateOptions } from './pg/pg-gate.ts'
export { createGate } from './pg/pg-gate.ts'
