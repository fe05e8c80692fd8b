import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A file of `lint/cases`: a mistake, or its twin without it. */
export interface LintCase {
  /** Such as `locks/reindex.planted`. */
  readonly name: string
  /** The folder. */
  readonly category: string
  readonly kind: 'planted' | 'safe'
  /** The rule that is to find it, or to be silent. */
  readonly rule: string
  readonly before: string
  readonly migration: string
}

const folder = fileURLToPath(new URL('../lint/cases/', import.meta.url))

/** Reads every case, sorted by name. */
export function readLintCases(): readonly LintCase[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .sort()
    .map((path) => {
      const name = path.replaceAll('\\', '/').replace(/\.sql$/, '')
      const text = readFileSync(`${folder}${path}`, 'utf8')
      const [, rule = '', header = '', before = '', up = ''] =
        /^-- Rule: (\S+)\n([\s\S]*?)-- before\n([\s\S]*?)\n-- @up\n([\s\S]*)$/.exec(text) ?? []
      return {
        name,
        category: name.split('/')[0] ?? '',
        kind: name.endsWith('.planted') ? 'planted' : 'safe',
        rule,
        before,
        migration: `${header}-- @up\n${up}`,
      }
    })
}
