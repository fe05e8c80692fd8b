import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { makePrivateFolder } from '@tidemark/core/node'
import type { CheckReport } from '../report/check-report.ts'

/** How many reports are kept: what was used longest ago goes first. */
const LIMIT = 64
const KEPT = '.report'

/** Reports of checks in a folder, by the key of all that they rest on. */
export interface VerdictCache {
  /** Undefined where there is none, or none that can be read. */
  find(key: string): Promise<CheckReport | undefined>
  /** Keeps a report, whole or not at all. Where the folder cannot be written, nothing is kept. */
  keep(key: string, report: CheckReport): Promise<void>
}

/** Opens a folder of kept reports; it is made when the first one is kept. */
export function openVerdictCache(folder: string): VerdictCache {
  const pathOf = (key: string) => join(folder, `${key}${KEPT}`)
  return {
    async find(key) {
      try {
        const kept: unknown = deserialize(await readFile(pathOf(key)))
        if (!isKeptUnder(key, kept)) return undefined
        const now = new Date()
        await utimes(pathOf(key), now, now).catch(() => undefined)
        return kept.report
      } catch {
        return undefined
      }
    },
    async keep(key, report) {
      const draft = join(folder, `${key}.${crypto.randomUUID().slice(0, 8)}.draft`)
      try {
        await makePrivateFolder(folder)
        await writeFile(draft, serialize({ key, report }), { mode: 0o600 })
        await rename(draft, pathOf(key))
        await removeOldest(folder)
      } catch {
        // A check without a cache is right as well: it takes longer the next time.
        await rm(draft, { force: true }).catch(() => undefined)
      }
    },
  }
}

interface Kept {
  readonly key: string
  readonly report: CheckReport
}

/** The key names the build that wrote the file, so its shape is that of today. */
function isKeptUnder(key: string, value: unknown): value is Kept {
  return typeof value === 'object' && value !== null && 'key' in value && value.key === key
}

/** Drafts of killed processes are among what was used longest ago. */
async function removeOldest(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      return { path, usedAt: found?.mtimeMs ?? 0 }
    }),
  )
  files.sort((a, b) => b.usedAt - a.usedAt)
  for (const { path } of files.slice(LIMIT)) await rm(path, { force: true })
}
