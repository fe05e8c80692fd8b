import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { TidemarkError } from '@tidemark/core'
import { isStrangersFile } from './folder-trust.ts'

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads a file of `NAME=value` lines, by Node's own rules.
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

/**
 * Reads `.env` in the folder of the configuration, or in the working directory without one. It is no error
 * when there is none, or when it is a folder, as Python projects have it.
 *
 * @throws {TidemarkError} TM7007 when it cannot be read, TM7027 when it could be another user's.
 */
export async function readEnvFileBeside(folder: string): Promise<Variables> {
  const path = join(folder, '.env')
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) return {}
  if (!isStrangersFile(path, folder)) return readEnvFile(path, '.env')
  throw new TidemarkError({
    code: 'TM7027',
    message: `"${path}" is not used: other users may write into "${folder}", and it belongs to one`,
    help: 'leave it out with `--no-env-file`, or name it with `--env-file` if it is yours',
    details: { path },
  })
}
