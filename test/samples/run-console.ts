import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, type Sample } from './read-samples.ts'

/** A command of a console sample and the output printed below it. */
export interface ConsoleStep {
  readonly command: string
  readonly expected: readonly string[]
}

/** Cuts a console sample at its `$ ` lines; a command may go on after `\` at the end of a line. */
export function readSteps(sample: Sample): readonly ConsoleStep[] {
  const steps: { command: string; expected: string[] }[] = []
  let isOpen = false
  for (const line of sample.text.trimEnd().split('\n')) {
    const last = steps.at(-1)
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), expected: [] })
    else if (isOpen && last !== undefined) last.command += `\n${line}`
    else last?.expected.push(line)
    isOpen = line.endsWith('\\') && (line.startsWith('$ ') || isOpen)
  }
  return steps
}

/** Runs a command in a shell that knows `tidemark`; gives the lines that a person would see on a terminal. */
export function runInShell(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const { stdout } = spawnSync(
    'sh',
    ['-c', `exec 2>&1\ntidemark() { node "${join(root, 'apps/cli/bin/run.js')}" "$@"; }\n${command}`],
    {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1', COLUMNS: '80', ...env },
    },
  )
  // The pages of errors depend on where the documentation is published.
  return stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !/^see: https:\S+\/errors\/TM\d{4}$/.test(line))
}

/**
 * Replaces what differs from run to run: times, dates, process ids, ports of test servers, ids of runs, who
 * ran them.
 */
export function normalise(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?/g, '<time>')
    .replace(/\d+(\.\d+)? ?(ms|s|min)\b/g, '<duration>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/\bpid \d+/g, 'pid <pid>')
    .replace(/\bby \S+@\S+ in run [0-9a-f]{8}\b/g, 'by <who> in run <run>')
    .replace(/ +/g, ' ')
    .trimEnd()
}

/** Tells whether output is what a document shows; a line `…` stands for any lines. */
export function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const gap = expected.findIndex((line) => line.trim() === '…')
  if (gap === -1)
    return expected.length === actual.length && expected.every((line, index) => line === actual[index])
  const rest = expected.slice(gap + 1)
  if (!matches(expected.slice(0, gap), actual.slice(0, gap))) return false
  return actual.slice(gap).some((_, index) => matches(rest, actual.slice(gap + index))) || matches(rest, [])
}
