import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One import of a source file. */
export interface Import {
  /** The importing file, from the root, with `/`. */
  readonly file: string
  readonly specifier: string
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, and `import('x')`, types included. */
const IMPORT = /^(?:import|export)\b(?:[^'"=]*?\bfrom\b)? *'([^']+)'|\bimport\('([^']+)'\)/gm

/** Lists what the sources below `folder` import, tests left out. */
export function listImports(folder: string): readonly Import[] {
  return listSources(join(root, folder)).flatMap((path) => {
    const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    const file = relative(root, path).replaceAll('\\', '/')
    return [...text.matchAll(IMPORT)].map((match) => ({ file, specifier: match[1] ?? match[2] ?? '' }))
  })
}

/** Lists the TypeScript files below a folder, tests left out. */
export function listSources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}
