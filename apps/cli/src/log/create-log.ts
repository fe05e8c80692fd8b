import { appendFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { makeFolder } from '@tidemark/core/node'
import { pino } from 'pino'
import type { Settings } from '../config/settings.ts'
import { writeRedacted } from '../redact/guard-output.ts'
import { redactDocument } from '../redact/redact-document.ts'
import type { Redactor } from '../redact/redactor.ts'

/** Writes structured lines. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/**
 * Creates the structured log: appended to the log file, and on stderr when a level was named. Lines are
 * written at once, so that nothing is lost when the process ends.
 *
 * @throws {TidemarkError} TM7003 when the file cannot be written.
 */
export async function createLog(
  settings: Pick<Settings, 'logFile' | 'logLevel'>,
  redactor: Redactor,
): Promise<Log> {
  const { logFile, logLevel } = settings
  if (logFile !== undefined) await openLogFile(logFile)
  const write = (line: string): void => {
    const clean = `${redactDocument(JSON.parse(line), redactor)}\n`
    if (logFile !== undefined) append(logFile, clean)
    if (logLevel !== undefined) writeRedacted(process.stderr, clean)
  }
  const log: Log = pino(
    {
      level: logLevel ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  return log
}

const unwritable = new Set<string>()

/** A log decides nothing: where it cannot be written any more, that is said once, and the command goes on. */
function append(path: string, line: string): void {
  try {
    appendFileSync(path, line)
  } catch (cause) {
    if (unwritable.has(path)) return
    unwritable.add(path)
    const [reason] = cause instanceof Error ? cause.message.split(', ') : [String(cause)]
    process.stderr.write(`warning TM7003: the log file "${path}" is incomplete: ${reason}\n`)
  }
}

async function openLogFile(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    appendFileSync(path, '')
  } catch (cause) {
    throw new TidemarkError({
      code: 'TM7003',
      message: `the log file "${path}" cannot be written`,
      help: 'name a file that this user may write with `--log-file`',
      cause,
    })
  }
}
