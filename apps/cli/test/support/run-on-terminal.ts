import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { drawScreen } from './draw-screen.ts'
import type { Project } from './project.ts'
import { ENTRY, plainEnvironment } from './run-tidemark.ts'

/** util-linux's `script` gives a program a terminal; macOS has another one. */
export const hasScript =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

/** What a question is answered with. */
export interface Answer {
  readonly question: string
  readonly answer: string
}

/** A terminal of another size, and somebody who looks at it. */
export interface TerminalView {
  readonly columns: number
  readonly rows: number
  /** Given what the terminal shows, line by line, each time that something was written. */
  readonly onScreen: (lines: readonly string[]) => void
}

/** Runs the command line on a terminal of a size, and gives what it shows at the end, line by line. */
export async function showOnTerminal(
  { folder }: Project,
  args: readonly string[],
  { columns, rows, onScreen }: TerminalView,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const command = [process.execPath, ENTRY, ...args].map((part) => `'${part}'`).join(' ')
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], {
    cwd: folder,
    env: { ...plainEnvironment(), TERM: 'xterm', ...env },
  })
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text
    onScreen(drawScreen(written))
  })
  const [code] = await once(child, 'close')
  return { code, lines: drawScreen(written) }
}

/**
 * Runs the command line on a terminal and answers its questions. Gives what the screen showed, without
 * redrawn lines.
 */
export function runOnTerminal(
  { folder }: Project,
  args: readonly string[],
  questions: readonly Answer[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const command = [process.execPath, ENTRY, ...args].map((part) => `'${part}'`).join(' ')
  const child = spawn('script', ['-qefc', `stty cols 80; ${command}`, '/dev/null'], {
    cwd: folder,
    env: { ...plainEnvironment(), TERM: 'xterm', ...env },
  })
  let screen = ''
  const open = [...questions]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    const [next] = open
    if (next === undefined || !screen.includes(next.question)) return
    open.shift()
    child.stdin.write(`${next.answer}\n`)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, screen: plainScreen(screen) })))
}

const ESCAPE = String.fromCharCode(27)
const REDRAWN = new RegExp(`\\r[^\\n]*\\r${ESCAPE}\\[2K`, 'g')
const SEQUENCE = new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, 'g')

function plainScreen(screen: string): string {
  return screen.replaceAll('\r\n', '\n').replace(REDRAWN, '').replace(SEQUENCE, '')
}
