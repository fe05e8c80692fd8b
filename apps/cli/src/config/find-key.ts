import type { SourceFile, Span } from '@tidemark/core'

/**
 * Finds a key in the text of a configuration, by its words in order, which is right for every layout of an
 * object literal that people write.
 */
export function findKey(source: SourceFile, path: readonly string[]): Span | undefined {
  let from = 0
  let place: Span | undefined
  for (const key of path) {
    const literal = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const pattern = new RegExp(`(?<![\\w$])(["']?)${literal}\\1\\s*[:,}]`, 'g')
    pattern.lastIndex = from
    const match = pattern.exec(source.text)
    if (match === null) return /^\d+$/.test(key) ? place : undefined
    const start = match.index + (match[1]?.length ?? 0)
    place = { start, end: start + key.length }
    from = place.end
  }
  return place
}

/** Finds the variable of the environment that the text gives as the value of a key. */
export function findVariableAt(source: SourceFile, key: Span | undefined): string | undefined {
  if (key === undefined) return undefined
  const names = ENVIRONMENT_VARIABLE.exec(source.text.slice(key.end))?.slice(1)
  return names?.find((name) => name !== undefined)
}

const ENVIRONMENT_VARIABLE =
  /^["']?\s*:\s*(?:process\.env(?:\.(\w+)|\[\s*["'](\w+)["']\s*\])|(?:env|getenv)\(\s*["'](\w+)["'])/
