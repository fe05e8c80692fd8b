/**
 * Round constants and start values: fractional parts of cube and square roots of the first primes (FIPS
 * 180-4, 4.2.2 and 5.3.3).
 */
const ROUNDS = rootFractions(64, 1 / 3)
const START = rootFractions(8, 1 / 2)

/**
 * SHA-256 of the UTF-8 form of a text, 64 lower-case hex digits, where there is no `node:crypto` (edge
 * runtimes, browsers). Synchronous, so that core stays so. Lone surrogates count as U+FFFD, as everywhere in
 * UTF-8 encoding. FIPS 180-4.
 */
export function sha256Hex(text: string): string {
  const message = pad(new TextEncoder().encode(text))
  const view = new DataView(message.buffer)
  const state = Uint32Array.from(START)
  const schedule = new Uint32Array(64)
  for (let offset = 0; offset < message.length; offset += 64) {
    fillSchedule(schedule, view, offset)
    compress(state, schedule)
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
}

function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x2000_0000))
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0)
  return padded
}

function fillSchedule(schedule: Uint32Array, view: DataView, offset: number): void {
  for (let i = 0; i < 16; i += 1) schedule[i] = view.getUint32(offset + i * 4)
  for (let i = 16; i < 64; i += 1) {
    const early = at(schedule, i - 15)
    const late = at(schedule, i - 2)
    const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule[i] = at(schedule, i - 16) + small0 + at(schedule, i - 7) + small1
  }
}

function compress(state: Uint32Array, schedule: Uint32Array): void {
  const work = Uint32Array.from(state)
  for (let i = 0; i < 64; i += 1) {
    const [a, b, c, e, f, g] = [at(work, 0), at(work, 1), at(work, 2), at(work, 4), at(work, 5), at(work, 6)]
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (at(work, 7) + big1 + choice + at(ROUNDS, i) + at(schedule, i)) | 0
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    work.copyWithin(1, 0, 7)
    work[4] = at(work, 4) + first
    work[0] = first + big0 + majority
  }
  for (let i = 0; i < 8; i += 1) state[i] = at(state, i) + at(work, i)
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0
}

function rootFractions(count: number, power: number): Uint32Array {
  const words = new Uint32Array(count)
  for (let candidate = 2, found = 0; found < count; candidate += 1) {
    if (!isPrime(candidate)) continue
    words[found] = (candidate ** power % 1) * 0x1_0000_0000
    found += 1
  }
  return words
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
    if (candidate % divisor === 0) return false
  }
  return true
}
