/** Replaces what PostgreSQL cannot store in `text` and `jsonb`: NUL and halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, '\ufffd')
}

/** Writes JSON whose strings and keys PostgreSQL can store. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value)
  return SUSPECT.test(json) ? JSON.stringify(value, storablePart) : json
}

/** How JSON writes NUL and halves of pairs; a backslash before it makes this a false alarm. */
const SUSPECT = /\\u(?:0000|d[89a-f])/

function storablePart(_key: string, part: unknown): unknown {
  if (typeof part === 'string') return storableText(part)
  if (!isPlainObject(part)) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [storableText(key), inner]))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what cannot be stored
const UNSTORABLE = /[\u0000\p{Surrogate}]/gu

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
