import { sha256Hex as sha256 } from '#sha256'

/**
 * Gives the SHA-256 of a text's UTF-8 form as 64 lower-case hex digits, synchronously and the same on every
 * runtime. For a file with LF line ends and no BOM it is what `sha256sum FILE` prints.
 *
 * @example sha256Hex('') // 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
 */
export function sha256Hex(text: string): string {
  return sha256(text)
}
