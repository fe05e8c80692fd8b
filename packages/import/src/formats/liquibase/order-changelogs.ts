import { type ForeignFile, type ForeignText, hasText } from '../../foreign/foreign-project.ts'
import { compareText } from '../../foreign/version-order.ts'

/** Changelogs in XML, YAML and JSON. */
export const CHANGELOG = /(?:^|\/)[^/]*changelog[^/]*\.(?:xml|ya?ml|json)$/i
const INCLUDE = /\binclude(All)?\b(?![\w-])[^>]{0,300}?\b(?:file|path)["']?\s*[:=]\s*["']?([^"'\s,}>]+)/g

/** The SQL files in the order in which Liquibase reads them. */
export interface ChangelogOrder {
  readonly files: readonly ForeignText[]
  /** SQL files that no changelog includes. */
  readonly others: readonly ForeignText[]
  /** Changelogs with changesets of their own. */
  readonly withChangesets: readonly ForeignText[]
}

/**
 * Orders files as the changelogs include them, from those that no other includes; without such a changelog by
 * their names.
 */
export function orderChangelogs(files: readonly ForeignFile[]): ChangelogOrder {
  const texts = files.filter(hasText).toSorted((a, b) => compareText(a.name, b.name))
  const sql = texts.filter(({ name }) => name.endsWith('.sql'))
  const changelogs = texts.filter(({ name, text }) => CHANGELOG.test(name) && /databaseChangeLog/.test(text))
  const withChangesets = changelogs.filter(({ text }) => /<changeSet\b|\bchangeSet["']?\s*:/.test(text))
  const included = new Map(changelogs.map((file) => [file, listIncluded(file, texts)]))
  const inner = new Set([...included.values()].flat())
  const order = new Set<ForeignText>()
  const add = (file: ForeignText): void => {
    if (order.has(file)) return
    order.add(file)
    for (const next of included.get(file) ?? []) add(next)
  }
  for (const file of changelogs.filter((changelog) => !inner.has(changelog))) add(file)
  const found = [...order].filter(({ name }) => name.endsWith('.sql'))
  if (found.length === 0) return { files: sql, others: [], withChangesets }
  return { files: found, others: sql.filter((file) => !order.has(file)), withChangesets }
}

function listIncluded(
  { name: from, text }: ForeignText,
  texts: readonly ForeignText[],
): readonly ForeignText[] {
  const folder = from.slice(0, from.lastIndexOf('/') + 1)
  return [...text.matchAll(INCLUDE)].flatMap(([, all, written = '']) => {
    const path = written.replace(/^classpath\*?:/, '').replace(/^\.?\//, '')
    if (all === undefined) return texts.find(({ name }) => isAt(name, path, folder)) ?? []
    const inside = path.replace(/\/$/, '')
    return texts.filter(({ name }) => {
      const at = name.slice(0, Math.max(0, name.lastIndexOf('/')))
      return name !== from && (isAt(at, inside, folder) || at.startsWith(`${folder}${inside}/`))
    })
  })
}

/** A path may begin at the changelog, at the folder that is read, or further out. */
function isAt(name: string, path: string, folder: string): boolean {
  return name === `${folder}${path}` || name === path || path.endsWith(`/${name}`)
}
