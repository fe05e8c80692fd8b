export type { TwoWayProject } from './directions.ts'
export { PAIRED, REFUSED } from './directions.ts'
export type { Original } from './originals.ts'
export { expectedFolder, ORIGINALS, originalFolder, plainMessages } from './originals.ts'
