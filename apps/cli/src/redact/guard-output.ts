import type { Redactor } from './redactor.ts'

/**
 * Sends everything that this process writes to a stream through the redactor: results, stack traces, warnings of Node,
 * DEBUG output of libraries. There is no other way out, so no caller can forget.
 */
export function guardOutput(stream: NodeJS.WriteStream, redactor: Redactor): void {
  const write = stream.write.bind(stream)
  stream.write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    const callback = [encoding, done].find(isCallback)
    return write(redactor.redact(textOf(chunk, encoding)), callback)
  }
}

function isCallback(value: unknown): value is (error?: Error | null) => void {
  return typeof value === 'function'
}

function textOf(chunk: unknown, encoding: unknown): string {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk).toString('utf8')
  const text = String(chunk)
  if (typeof encoding !== 'string' || !Buffer.isEncoding(encoding)) return text
  return /^utf-?8$/i.test(encoding) ? text : Buffer.from(text, encoding).toString('utf8')
}
