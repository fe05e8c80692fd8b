import { WIRE, type WireMessage, writeMessage } from '@tidemark/pg-driver/engine'
import { availableExtensions, type ExtensionArchives } from '../extensions/extension-archives.ts'

type ErrorField = readonly [code: string, value: string]

/** The answer to a statement that ran longer than `statement_timeout`; the thread is ended right after it. */
export function timeoutResponse(): Uint8Array {
  return errorResponse([
    ['S', 'FATAL'],
    ['V', 'FATAL'],
    ['C', '57014'],
    ['M', 'canceling statement due to statement timeout'],
    [
      'D',
      'The embedded database cannot cancel a statement, so it was ended and its transaction rolled back.',
    ],
  ])
}

/**
 * Tells which extensions there are when a server's hint would speak of installing one. Other messages pass
 * unchanged.
 */
export function unavailableExtensionHint(message: WireMessage, extensions: ExtensionArchives): WireMessage {
  if (message.type !== WIRE.error) return message
  const fields = readErrorFields(message.bytes)
  const text = fields.find(([code]) => code === 'M')?.[1] ?? ''
  if (!/^extension ".*" is not available$/s.test(text)) return message
  const hint = `The embedded database has these extensions: ${availableExtensions(extensions).join(', ')}.`
  const kept = fields.filter(([code]) => code !== 'H' && code !== 'D')
  return { type: message.type, bytes: errorResponse([...kept, ['H', hint]]) }
}

function readErrorFields(bytes: Uint8Array): ErrorField[] {
  const fields = Buffer.from(bytes.subarray(5)).toString('utf8').split('\0')
  return fields.filter((field) => field !== '').map((field) => [field.slice(0, 1), field.slice(1)])
}

function errorResponse(fields: readonly ErrorField[]): Uint8Array {
  return writeMessage(WIRE.error, `${fields.map(([code, value]) => `${code}${value}\0`).join('')}\0`)
}
