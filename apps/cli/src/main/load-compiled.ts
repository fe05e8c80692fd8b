import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'
import { findKeptCode } from '../cache/code-cache.ts'
import { EXIT } from '../terminal/exit-codes.ts'

/** A bundle that scripts/join-chunks.js made, and what tells it from others. */
export interface CompiledBundle {
  readonly path: string
  /** The chunk whose exports are asked for. */
  readonly entry: string
  /** Differs whenever the bundle does: V8 itself only compares lengths. */
  readonly buildId: string | undefined
  /** What it is loaded for: functions that one command calls are of no use to another. */
  readonly use: string
}

/**
 * Loads a bundle with the code that V8 compiled when it was last loaded for the same use; most of the start of a program is spent on
 * compiling it. Node's own compile cache does not exist in Node 20, and keeps only what was called when a module was first loaded.
 *
 * @example const { runCommandLine } = loadCompiled<typeof commandLine>({ path, entry, buildId, use: 'status' })
 */
export function loadCompiled<T>({ path, entry, buildId, use }: CompiledBundle): T {
  const kept = findKeptCode({ buildId, path, use })
  const found = kept?.read()
  const cachedData = found?.subarray(0, -1)
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  const isUsable = cachedData !== undefined && script.cachedDataRejected !== true
  if (kept !== undefined && !(isUsable && found?.at(-1) === SETTLED)) {
    process.once('exit', (code) => {
      const mark = Buffer.of(isUsable ? SETTLED : FIRST)
      if (DONE.has(code)) kept.write(Buffer.concat([script.createCachedData(), mark]))
    })
  }
  const requireOutside = createRequire(path)
  return openChunks(
    script.runInThisContext()(requireOutside, path, dirname(path)),
    requireOutside,
  )(entry) as T
}

type Load = (specifier: string) => unknown
/** One part of a bundle: takes what loads others, and gives what it exports. */
type Chunk = (require: Load, importModule: Load) => unknown

/** Gives what loads a chunk, or a module from outside of the bundle. A chunk is run once, when it is first asked for. */
function openChunks(chunks: Readonly<Record<string, Chunk>>, requireOutside: NodeJS.Require): Load {
  const loaded = new Map<string, unknown>()
  const load: Load = (specifier) => {
    const chunk = Object.hasOwn(chunks, specifier) ? chunks[specifier] : undefined
    if (chunk === undefined) return requireOutside(specifier)
    const known = loaded.get(specifier)
    if (known !== undefined) return known
    const exported = chunk(load, importModule)
    loaded.set(specifier, exported)
    return exported
  }
  const importModule: Load = async (specifier) =>
    Object.hasOwn(chunks, specifier) ? load(specifier) : import(specifier)
  return load
}

/** Behind the code: a first start parses and makes what later ones find, so it is the second whose code stays. */
const FIRST = 0
const SETTLED = 1

/** Exit codes of commands that came to their end, and so called what the command calls. */
const DONE: ReadonlySet<number> = new Set([EXIT.ok, EXIT.pending, EXIT.changed])
