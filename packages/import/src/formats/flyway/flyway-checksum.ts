import { crc32 } from 'node:zlib'

/**
 * Gives the checksum that Flyway keeps of a file: CRC-32 over its lines without their ends, as a signed
 * number.
 */
export function flywayChecksum(text: string): string {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return String(lines.reduce((sum, line) => crc32(line, sum), 0) | 0)
}
