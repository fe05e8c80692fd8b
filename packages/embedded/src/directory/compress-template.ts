import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'

/**
 * Compresses a data directory's archive. The window of 16 MiB is what makes it small: the three databases
 * that `initdb` creates are copies of one another.
 */
export async function compressTemplate(tar: Uint8Array): Promise<Buffer> {
  return promisify(brotliCompress)(tar, {
    params: {
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_SIZE_HINT]: tar.byteLength,
    },
  })
}
