export type { PgGateOptions } from './pg-gate.ts'
export { createGate } from './pg-gate.ts'
