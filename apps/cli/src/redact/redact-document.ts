import { escapeControls } from '../text/escape-controls.ts'
import { PUBLIC_WORDS } from './public-words.ts'
import type { Redactor } from './redactor.ts'

/**
 * Writes a document as JSON, secrets taken out of its texts alone: keys, numbers and fixed values stay as
 * they are, whatever the password is, so that the document stays one. Control characters are escaped as JSON
 * escapes them.
 *
 * @example redactDocument({ true: 'as true', ok: true }, redactor, 2)
 */
export function redactDocument(document: unknown, { redact }: Redactor, indent?: number): string {
  const replace = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && !PUBLIC_WORDS.has(value) ? redact(value) : value
  return escapeControls(JSON.stringify(document, replace, indent))
}
