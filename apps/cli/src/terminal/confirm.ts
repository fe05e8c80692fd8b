import { createInterface } from 'node:readline/promises'

/**
 * Asks a yes-or-no question on stderr and reads the answer from stdin. Anything but `y` or `yes` is no; so is
 * the end of input. Call it only where `Terminal.interactive` is true.
 */
export async function confirm(question: string, signal?: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N]`, signal)).trim())
}

/**
 * Asks on stderr for a line of stdin; the end of input is an empty one. Call it only where
 * `Terminal.interactive` is true.
 */
export async function ask(question: string, signal?: AbortSignal): Promise<string> {
  // The terminal itself lets a line be edited; readline would write control sequences of its own for it.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    return await Promise.race([lines.question(`${question} `, signal ? { signal } : {}), ended])
  } finally {
    lines.close()
  }
}
