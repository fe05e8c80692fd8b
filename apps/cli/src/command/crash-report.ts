import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { arch, platform, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { escapeControls } from '../text/escape-controls.ts'
import type { Runtime } from './runtime.ts'

/**
 * Writes what is needed to find a bug into a new file that only its owner can read, without secrets.
 *
 * @returns its path, or undefined when it could not be written.
 */
export function writeCrashReport(error: unknown, { redactor, version }: Runtime): string | undefined {
  const path = join(tmpdir(), `tidemark-crash-${randomUUID()}.txt`)
  const text = [
    `tidemark ${version}, Node ${process.version}, ${platform()} ${release()} ${arch()}`,
    `${new Date().toISOString()}  ${process.argv.slice(2).join(' ')}`,
    '',
    inspect(error, { depth: 4 }),
    '',
  ].join('\n')
  try {
    writeFileSync(path, escapeControls(redactor.redact(text)), { mode: 0o600, flag: 'wx' })
    return path
  } catch {
    return undefined
  }
}
