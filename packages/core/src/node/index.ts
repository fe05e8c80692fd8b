export { cacheDirectory } from './cache-directory.ts'
export { makeFolder } from './make-folder.ts'
export type { DirectoryReaderOptions } from './read-directory.ts'
export { createDirectoryReader } from './read-directory.ts'
