import { hash } from 'node:crypto'
import { arch, version } from 'node:process'
import { findKeptFile, type KeptFile } from './cache-file.ts'

/** Builds and versions of Node of which code is kept, some megabytes each. */
const MAX_BUILDS = 4

/** What the code is of, and what it was used for. */
export interface CodeKey {
  /** Undefined: nothing is kept. */
  readonly buildId: string | undefined
  /** Where the bundle lies: code that V8 kept names it in stack traces. */
  readonly path: string
  /** The word behind `tidemark`. */
  readonly use: string
}

/** Finds what V8 compiled of a build; undefined where nothing is kept. */
export function findKeptCode({ buildId, path, use }: CodeKey): KeptFile | undefined {
  if (buildId === undefined) return undefined
  const command = /^[a-z]{2,12}$/.test(use) ? use : 'other'
  const place = hash('sha256', path).slice(0, 8)
  const name = `${buildId}-${version}-${arch}-${place}/${command}`
  return findKeptFile({ folder: 'code', name, most: MAX_BUILDS })
}
