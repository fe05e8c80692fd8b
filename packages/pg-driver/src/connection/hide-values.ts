import type { SourceFile } from '@tidemark/core'

/** The fields of a server's error in which it may repeat what was sent. */
const FIELDS = ['message', 'detail', 'hint', 'where', 'internalQuery', 'stack'] as const

/**
 * Replaces the secret values of a text by the variables that they are the values of.
 *
 * @example hideValues('role "s3cret" does not exist', statement.source)
 */
export function hideValues(text: string, { origin }: SourceFile): string {
  let hidden = text
  for (const [value, variable] of origin?.secrets ?? []) {
    for (const written of formsOf(value)) hidden = hidden.replaceAll(written, variable)
  }
  return hidden
}

/** Replaces the secret values in what a server says, where it is: the error is a cause of others. */
export function hideValuesIn(error: Error, source: SourceFile): void {
  if ((source.origin?.secrets.size ?? 0) === 0) return
  for (const field of FIELDS) {
    const text: unknown = Reflect.get(error, field)
    if (typeof text === 'string') Reflect.set(error, field, hideValues(text, source))
  }
}

/** A value as it is, and as a string or an identifier holds it. The longest comes first. */
function formsOf(value: string): readonly string[] {
  if (value === '') return []
  const doubled = value.replaceAll("'", "''")
  const forms = [value, doubled, doubled.replaceAll('\\', '\\\\'), value.replaceAll('"', '""')]
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}
