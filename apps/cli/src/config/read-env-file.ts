import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { TidemarkError } from '@tidemark/core'

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads a file of `NAME=value` lines, by Node's own rules. Nothing reads one unless it is named.
 *
 * @throws {TidemarkError} TM7007 when it cannot be read.
 */
export async function readEnvFile(path: string, shownPath: string): Promise<Variables> {
  try {
    return { ...parseEnv((await readFile(path, 'utf8')).replace(/^\uFEFF/, '')) }
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'not readable'
    throw new TidemarkError({
      code: 'TM7007',
      message: `the environment file "${shownPath}" cannot be read (${reason})`,
      help: 'check `--env-file`, `TIDEMARK_ENV_FILE` or the key `envFile`',
      cause,
    })
  }
}
