import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { finished, Transform } from 'node:stream'
import { createGzip } from 'node:zlib'

/** A compressed file that is written bit by bit. */
export interface ArchiveFile {
  /** Resolves when more may be written; rejects with the error of the file system. */
  write(part: string | Uint8Array): Promise<void>
  /** Ends the file and gives its SHA-256 in hexadecimal, once it is on disk. */
  finish(): Promise<string>
  /** Removes the file. */
  discard(): Promise<void>
}

/** Makes a file that only this user may read. */
export function createArchiveFile(path: string): ArchiveFile {
  const hash = createHash('sha256')
  const gzip = createGzip()
  const hashing = new Transform({
    transform(part: Uint8Array, _encoding, done) {
      hash.update(part)
      done(null, part)
    },
  })
  const file = createWriteStream(path, { mode: 0o600, flags: 'w', flush: true })
  const end = new Promise<void>((resolve, reject) => {
    for (const stream of [gzip, hashing, file]) stream.on('error', reject)
    finished(file, (error) => (error ? reject(error) : resolve()))
  })
  // The write or the end that follows rejects with it.
  end.catch(() => undefined)
  gzip.pipe(hashing).pipe(file)
  return {
    async write(part) {
      if (gzip.write(part)) return
      await Promise.race([once(gzip, 'drain'), end])
    },
    async finish() {
      gzip.end()
      await end
      return hash.digest('hex')
    },
    async discard() {
      gzip.destroy()
      file.destroy()
      await end.catch(() => undefined)
      await rm(path, { force: true })
    },
  }
}
