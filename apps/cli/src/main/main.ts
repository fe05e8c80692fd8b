import { readFileSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { attempt, buildId, findCacheFolder, makeOwnFolder, removeOldest } from '../cache/cache-folder.ts'

/** What prints the version. `-v` does so alone: with a command it is `--verbose`. */
const VERSION_WORDS: ReadonlySet<string | undefined> = new Set(['version', '--version', '-V'])

/** Builds of which Node keeps compiled code, a megabyte each. */
const MAX_BUILDS = 4

/**
 * Starts the command line. Only what `--version` needs is loaded before it is known what was asked for.
 *
 * @param root the folder of the package, with package.json
 */
export async function main(root: string): Promise<void> {
  const version = readVersion(root)
  const [first, ...rest] = process.argv.slice(2)
  if (VERSION_WORDS.has(first) || (first === '-v' && rest.length === 0)) {
    process.stdout.write(`tidemark ${version} (Node ${process.version})\n`)
    return
  }
  attempt(keepCompiledCode)
  const { runCommandLine } = await import('./command-line.ts')
  await runCommandLine(root, version)
}

/**
 * Lets Node keep the code that it compiles, from Node 22 on: in the user's cache, and not in the temporary
 * folder of all users.
 */
function keepCompiledCode(): void {
  const enable: unknown = Reflect.get(module, 'enableCompileCache')
  if (typeof enable !== 'function' || buildId === undefined) return
  const folder = findCacheFolder(join('code', buildId))
  if (folder === undefined) return
  makeOwnFolder(folder)
  enable(folder)
  removeOldest(dirname(folder), MAX_BUILDS)
}

function readVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : ''
}
