export type { Original } from './originals.ts'
export { expectedFolder, ORIGINALS, originalFolder, plainMessages } from './originals.ts'
