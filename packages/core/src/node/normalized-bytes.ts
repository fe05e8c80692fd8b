import { isUtf8 } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { canonicalText } from '../checksum/canonical-text.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { cannotRead, type DisplayPath } from './find-sql-files.ts'

/** Bytes that PostgreSQL accepts in no text, found while a file is read in pieces. */
export class UnreadableBytes extends Error {
  override readonly name = 'UnreadableBytes'
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.message)
    this.diagnostics = diagnostics
  }
}

const CHUNK_BYTES = 512 * 1024
const LF = 10
const CR = 13

/**
 * Reads a file in pieces of whole characters, as the text that is hashed and executed: strict UTF-8, one
 * leading BOM dropped, CRLF and CR made LF. A piece is valid until the next is asked for: the memory is used
 * again, since hundreds of megabytes of buffers cost more time to collect than to read.
 *
 * @throws UnreadableBytes (TM1025, TM1026), TidemarkError TM7022.
 */
export async function* readNormalized(path: string, display: DisplayPath): AsyncGenerator<Buffer> {
  const file = await open(path).catch((cause: unknown) => {
    throw cannotRead(path, display, cause)
  })
  try {
    yield* normalize(readChunks(file, path, display), display(path))
  } finally {
    await file.close()
  }
}

/** Reads the next piece while the one before is looked at. */
async function* readChunks(file: FileHandle, path: string, display: DisplayPath): AsyncGenerator<Buffer> {
  const read = (into: Buffer) =>
    file.read(into, 0, CHUNK_BYTES).then(
      ({ bytesRead }) => into.subarray(0, bytesRead),
      (cause: unknown) => cannotRead(path, display, cause),
    )
  let spare: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let ahead = read(Buffer.allocUnsafeSlow(CHUNK_BYTES))
  try {
    for (;;) {
      const chunk = await ahead
      if (!Buffer.isBuffer(chunk)) throw chunk
      if (chunk.length === 0) return
      ahead = read(spare)
      yield chunk
      spare = Buffer.from(chunk.buffer)
    }
  } finally {
    await ahead
  }
}

async function* normalize(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  let offset = 0
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const end = wholeEnd(bytes)
    held = Buffer.from(bytes.subarray(end))
    yield check(bytes.subarray(0, end), offset, name)
    offset += end
  }
  if (held.length > 0) yield check(held, offset, name)
}

/** Where the last whole character ends; a CR waits for the LF that may follow. */
function wholeEnd(bytes: Buffer): number {
  let end = bytes.length
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    if (length > back) end = bytes.length - back
    break
  }
  return end > 0 && bytes[end - 1] === CR ? end - 1 : end
}

function check(bytes: Buffer, offset: number, name: string): Buffer {
  if (!isUtf8(bytes) || bytes.includes(0)) throw new UnreadableBytes(describe(bytes, offset, name))
  const isMarked = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const body = isMarked ? bytes.subarray(3) : bytes
  if (!body.includes(CR)) return body
  // Bytes of UTF-8 beyond ASCII are never CR or LF, so Latin-1 carries them through.
  return Buffer.from(body.toString('latin1').replace(/\r\n?/g, String.fromCharCode(LF)), 'latin1')
}

function describe(bytes: Buffer, offset: number, name: string): readonly Diagnostic[] {
  const text = canonicalText(bytes, name)
  const found = text.ok ? [] : text.error
  return found.map(({ span: _span, source: _source, ...rest }) => ({
    ...rest,
    message: rest.message.replace(/offset (\d+)/, (_, at: string) => `offset ${Number(at) + offset}`),
    source: { path: name, text: '' },
  }))
}
