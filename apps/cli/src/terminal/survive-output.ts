import { writeSync } from 'node:fs'
import { EXIT } from './exit-codes.ts'

/** What is done about output that cannot be written. */
export interface OutputGuard {
  /** Says that the database is written to: from here on output decides no exit code any more. */
  onlyReports(): void
}

/**
 * Lets no output end a run that writes to a database. A reader that leaves early (`| head`) is no failure; a
 * result that cannot be written is reported once, when the process ends. Where the result is all that a
 * command is for, the exit code is then 1 where it would have been 0; that of a run stays the one of its
 * migrations. Takes the place of every other listener: that of oclif throws.
 */
export function surviveOutput(): OutputGuard {
  let severity: 'error' | 'warning' = 'error'
  let isNoted = false
  process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    if (isNoted || error.code === 'EPIPE') return
    isNoted = true
    process.once('exit', () => report(error, severity))
  })
  // There is no other place to say it.
  process.stderr.removeAllListeners('error').on('error', () => undefined)
  return {
    onlyReports: () => {
      severity = 'warning'
    },
  }
}

function report({ message }: Error, severity: 'error' | 'warning'): void {
  if (severity === 'error') process.exitCode ||= EXIT.failed
  const [reason] = message.split(', ')
  const text = `${severity} TM7012: the output cannot be written: ${reason}\nhelp: free some space; what was applied stays applied, see \`tidemark status\`\n`
  try {
    writeSync(process.stderr.fd, text)
  } catch {
    // There is no room for this either.
  }
}
