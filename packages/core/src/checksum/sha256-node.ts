import { hash } from 'node:crypto'

/** SHA-256 of the UTF-8 form of a text, 64 lower-case hex digits, by Node's own implementation. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex')
}
