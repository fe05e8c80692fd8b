import { spawn, spawnSync } from 'node:child_process'
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
