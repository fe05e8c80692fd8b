/**
 * Finds the first byte that starts no valid UTF-8 sequence: truncated, overlong, a surrogate, above U+10FFFF,
 * or a stray continuation (RFC 3629, section 4). Undefined when all is valid.
 *
 * @returns the byte's offset from 0.
 */
export function findInvalidUtf8(bytes: Uint8Array): number | undefined {
  let offset = 0
  while (offset < bytes.length) {
    const length = sequenceLength(bytes, offset)
    if (length === 0) return offset
    offset += length
  }
  return undefined
}

function sequenceLength(bytes: Uint8Array, offset: number): 0 | 1 | 2 | 3 | 4 {
  const first = bytes[offset] ?? 0
  const second = bytes[offset + 1] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second)) return 0
  if (first < 0xe0) return 2
  if (!isContinuation(bytes[offset + 2] ?? 0)) return 0
  if (first < 0xf0) return isThreeByteStart(first, second) ? 3 : 0
  return isContinuation(bytes[offset + 3] ?? 0) && isFourByteStart(first, second) ? 4 : 0
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0
}

/** Neither overlong nor a surrogate. */
function isThreeByteStart(first: number, second: number): boolean {
  return first === 0xe0 ? second >= 0xa0 : first === 0xed ? second < 0xa0 : true
}

/** Neither overlong nor above U+10FFFF. */
function isFourByteStart(first: number, second: number): boolean {
  return first === 0xf0 ? second >= 0x90 : first === 0xf4 ? second < 0x90 : true
}
