import { writeSync } from 'node:fs'
import { EXIT } from './exit-codes.ts'

/** What the system says where output has no room: no bug of ours. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'])

/**
 * Lets no output end a run that writes to a database. A reader that leaves early (`| head`) is no failure;
 * output that has no room is reported when the process ends, with exit code 1 where it would have been 0.
 * Takes the place of every other listener: that of oclif throws.
 */
export function surviveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error').on('error', note)
  }
}

let isNoted = false

function note(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return
  if (!NO_ROOM.has(error.code ?? '')) throw error
  if (isNoted) return
  isNoted = true
  process.once('exit', () => tell(error))
}

function tell({ message }: Error): void {
  process.exitCode ||= EXIT.failed
  const [reason] = message.split(', ')
  const text = `error TM7012: the output cannot be written: ${reason}\nhelp: free some space; what was applied stays applied, see \`tidemark status\`\n`
  try {
    writeSync(process.stderr.fd, text)
  } catch {
    // There is no room for this either.
  }
}
