export type { FetchHandler } from './with-gate.ts'
export { withGate } from './with-gate.ts'
