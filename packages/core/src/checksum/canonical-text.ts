import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { err, ok, type Result } from '../result.ts'
import { findInvalidUtf8 } from './find-invalid-utf8.ts'
import { normalizeText } from './normalize-text.ts'

/** `ignoreBOM` keeps the BOM, so that exactly one is dropped, by `normalizeText`. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Reads a file's bytes as the text that is hashed, stored and executed: strict UTF-8, one leading BOM
 * dropped, CRLF and CR made LF.
 *
 * @param path how messages name the file.
 * @returns the text, or TM1025 at the first invalid byte, or TM1026 at the first NUL (PostgreSQL accepts
 *   neither).
 * @example canonicalText(await readFile('migrations/001_users.sql'), 'migrations/001_users.sql')
 */
export function canonicalText(bytes: Uint8Array, path: string): Result<string, readonly Diagnostic[]> {
  let decoded: string
  try {
    decoded = strict.decode(bytes)
  } catch {
    return err([invalidUtf8(bytes, path)])
  }
  const text = normalizeText(decoded)
  const nul = text.indexOf('\0')
  return nul === -1 ? ok(text) : err([nulCharacter(path, text, nul)])
}

function invalidUtf8(bytes: Uint8Array, path: string): Diagnostic {
  const offset = findInvalidUtf8(bytes) ?? 0
  const text = normalizeText(lenient.decode(bytes))
  const start = normalizeText(lenient.decode(bytes.subarray(0, offset))).length
  const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0')
  return {
    code: 'TM1025',
    severity: 'error',
    message: `byte 0x${byte} at offset ${offset} is not valid UTF-8`,
    source: { path, text },
    span: { start, end: start + 1 },
    help: looksLikeUtf16(bytes)
      ? 'the file looks like UTF-16: save it as UTF-8'
      : 'save the file as UTF-8; it looks like Latin-1 or another 8-bit encoding',
  }
}

/** Tells whether a file starts with a UTF-16 byte order mark, as PowerShell's `>` writes it. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

/** TM1026: text that PostgreSQL cannot hold, also found by the scanner in texts that never were bytes. */
export function nulCharacter(path: string, text: string, start: number): Diagnostic {
  return {
    code: 'TM1026',
    severity: 'error',
    message: 'a NUL character, which PostgreSQL does not accept in text',
    source: { path, text },
    span: { start, end: start + 1 },
    help: 'remove it; a file with NUL in every other byte is UTF-16: save it as UTF-8',
  }
}
