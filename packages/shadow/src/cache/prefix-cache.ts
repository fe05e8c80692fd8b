import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makePrivateFolder } from '@tidemark/core/node'
import { type KeptFacts, parseKeptFacts } from './kept-facts.ts'
import { markedName } from './process-mark.ts'
import { removeAbandoned } from './remove-abandoned.ts'

/** Databases that were kept in a folder, one file each, by the key of their prefix. */
export interface PrefixCache {
  /** Finds the longest prefix that was kept: keys are in the order of length. */
  find(keys: readonly string[]): Promise<KeptPrefix | undefined>
  /** Keeps what `write` writes to a path; whole or not at all. Removes what was used longest ago. */
  keep(key: string, facts: KeptFacts, write: (path: string) => Promise<void>): Promise<void>
  /** Forgets what cannot be used. */
  forget(key: string): Promise<void>
  path(key: string): string
}

/** A prefix of the plan that was kept, by its number of migrations. */
export interface KeptPrefix {
  readonly length: number
  readonly facts: KeptFacts
}

const ARCHIVE = '.tar.gz'
const DRAFT = 'draft'

/**
 * Opens a folder of kept databases. Drafts that a killed process left there are removed.
 *
 * @throws the error of the file system when the folder cannot be made.
 */
export async function openPrefixCache(folder: string, maxBytes: number): Promise<PrefixCache> {
  await makePrivateFolder(folder)
  await removeAbandoned(folder, DRAFT)
  const path = (key: string) => join(folder, `${key}${ARCHIVE}`)
  const factsPath = (key: string) => join(folder, `${key}.json`)
  const forget = async (key: string): Promise<void> => {
    await rm(path(key), { force: true })
    await rm(factsPath(key), { force: true })
  }
  return {
    path,
    forget,
    async find(keys) {
      const kept = new Set(await readdir(folder).catch(() => []))
      for (let length = keys.length; length > 0; length -= 1) {
        const key = keys[length - 1] ?? ''
        if (!kept.has(`${key}${ARCHIVE}`)) continue
        const facts = await readFile(factsPath(key), 'utf8').then(parseKeptFacts, () => undefined)
        if (facts === undefined) continue
        const now = new Date()
        await utimes(path(key), now, now).catch(() => undefined)
        return { length, facts }
      }
      return undefined
    },
    async keep(key, facts, write) {
      const draft = join(folder, await markedName(DRAFT))
      try {
        await writeFile(`${draft}.json`, JSON.stringify(facts), { mode: 0o600 })
        await write(`${draft}${ARCHIVE}`)
        await rename(`${draft}.json`, factsPath(key))
        await rename(`${draft}${ARCHIVE}`, path(key))
      } catch (error) {
        await rm(`${draft}.json`, { force: true }).catch(() => undefined)
        await rm(`${draft}${ARCHIVE}`, { force: true }).catch(() => undefined)
        throw error
      }
      await evict(folder, { maxBytes, keep: key, forget })
    },
  }
}

interface Eviction {
  readonly maxBytes: number
  /** Stays, however large it is. */
  readonly keep: string
  readonly forget: (key: string) => Promise<void>
}

async function evict(folder: string, { maxBytes, keep, forget }: Eviction): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ARCHIVE) && !name.startsWith(DRAFT))
  const files = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined)
      return { key: name.slice(0, -ARCHIVE.length), sizeBytes: found?.size ?? 0, usedAt: found?.mtimeMs ?? 0 }
    }),
  )
  files.sort((a, b) => b.usedAt - a.usedAt)
  let total = 0
  for (const { key, sizeBytes } of files) {
    total += sizeBytes
    if (total > maxBytes && key !== keep) await forget(key).catch(() => undefined)
  }
}
