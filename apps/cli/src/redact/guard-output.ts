import { escapeControls } from '../text/escape-controls.ts'
import type { Redactor } from './redactor.ts'

/** What the streams that are guarded wrote with before. */
const unguarded = new WeakMap<NodeJS.WriteStream, (text: string) => boolean>()

/**
 * Sends everything that this process writes to a stream through the redactor, and its control characters
 * through `escapeControls`: results, stack traces, warnings of Node, DEBUG output of libraries. The only
 * other way out is {@link writeRedacted}, so no caller can forget.
 */
export function guardOutput(stream: NodeJS.WriteStream, redactor: Redactor): void {
  const write = stream.write.bind(stream)
  unguarded.set(stream, (text) => write(text))
  stream.write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    const callback = [encoding, done].find(isCallback)
    return write(escapeControls(redactor.redact(textOf(chunk, encoding))), callback)
  }
}

/** Writes a text that has neither secrets nor control characters, such as that of `redactDocument`. */
export function writeRedacted(stream: NodeJS.WriteStream, text: string): void {
  const write = unguarded.get(stream)
  if (write === undefined) stream.write(text)
  else write(text)
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
