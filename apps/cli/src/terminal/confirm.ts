import { createInterface } from 'node:readline/promises'

/**
 * Asks a yes-or-no question on stderr and reads the answer from stdin. Anything but `y` or `yes` is no; so is the end of input.
 * Call it only where `Terminal.interactive` is true.
 */
export async function confirm(question: string, signal?: AbortSignal): Promise<boolean> {
  // The terminal itself lets a line be edited; readline would write control sequences of its own for it.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    const answer = await Promise.race([lines.question(`${question} [y/N] `, signal ? { signal } : {}), ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
