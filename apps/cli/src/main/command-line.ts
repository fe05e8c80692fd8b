import { writeSync } from 'node:fs'
import { suggest, TidemarkError } from '@tidemark/core'
import { BaseCommand } from '../command/base-command.ts'
import { PlainConfig } from '../command/plain-config.ts'
import { reportFailure } from '../command/report-failure.ts'
import { type Runtime, setRuntime } from '../command/runtime.ts'
import { guardOutput } from '../redact/guard-output.ts'
import { learnFromProcess } from '../redact/learn-from-process.ts'
import { createRedactor } from '../redact/redactor.ts'
import type { ExitCode } from '../terminal/exit-codes.ts'
import { listenForInterrupts } from '../terminal/interrupts.ts'
import { surviveOutput } from '../terminal/survive-output.ts'
import { describeTerminal } from '../terminal/terminal.ts'
import { COMMAND_WORDS, loadCommand, nameOfCommand } from './commands.ts'
import { nameRuntime } from './name-runtime.ts'

const HELP_FLAGS = ['--help', '-h']

/**
 * Runs the command line. Everything written passes the redactor; every failure ends in one report and one
 * exit code.
 *
 * @param root the folder of the package, with package.json
 * @param version that of the package
 */
export async function runCommandLine(root: string, version: string): Promise<void> {
  nameRuntime()
  const argv = process.argv.slice(2)
  const own = beforeDashes(argv)
  const runtime = createRuntime(version)
  setRuntime(runtime)
  const fail = (error: unknown): ExitCode =>
    reportFailure(error, runtime, {
      json: own.includes('--json'),
      verbose: own.includes('--verbose') || own.includes('-v'),
      targetFlags: '',
    })
  const crash = (error: unknown): never => process.exit(fail(error))
  const stalled = onceStalled(() => crash(new Error('the command waits for a promise that never settles')))
  process.on('uncaughtException', crash).on('unhandledRejection', crash).on('beforeExit', stalled)
  try {
    await dispatch(argv, root)
  } catch (error) {
    process.exitCode = fail(error)
  }
  process.off('beforeExit', stalled)
  process.exitCode = runtime.interrupts.exitCode ?? process.exitCode
  runtime.interrupts.dispose()
}

/**
 * With nothing left to do, Node ends a command that has not come to its end, as if all were well. Other
 * listeners, which can say more, have a turn before.
 */
function onceStalled(act: () => void): () => void {
  let hadTurn = false
  return () => {
    if (hadTurn) act()
    hadTurn = true
    setImmediate(() => {})
  }
}

function createRuntime(version: string): Runtime {
  const redactor = createRedactor()
  learnFromProcess(redactor, process.argv.slice(2), process.env)
  const terminal = describeTerminal(process)
  for (const stream of [process.stdout, process.stderr]) guardOutput(stream, redactor)
  const output = surviveOutput()
  const interrupts = listenForInterrupts(
    (code) => process.exit(code),
    (text) => writeSync(2, text),
  )
  return { redactor, terminal, interrupts, output, version }
}

/** What is behind `--` is not for us. */
function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

function asksForHelp(argv: readonly string[]): boolean {
  return beforeDashes(argv).some((argument) => HELP_FLAGS.includes(argument))
}

async function dispatch(argv: readonly string[], root: string): Promise<void> {
  if (argv.length === 0 || argv[0] === 'help' || asksForHelp(argv)) {
    const { help } = await import('./help.ts')
    return help(argv, root)
  }
  const [word = '', ...rest] = argv
  const name = nameOfCommand(word)
  const command = await loadCommand(name)
  if (command === undefined) throw unknownCommand(word)
  // oclif's own way, which reads package.json, looks for plugins and hooks, and finds the command again,
  // takes longer than most commands.
  const made: unknown = Reflect.construct(command, [rest, new PlainConfig(root)])
  if (!(made instanceof BaseCommand)) throw new TypeError(`"${name}" is not one of our commands`)
  await made.start(name)
}

/** What other tools call `down`: by its spelling alone, `revert` would be answered with `reset`. */
const WORDS_OF_OTHER_TOOLS: ReadonlyMap<string, string> = new Map([
  ['revert', 'down'],
  ['undo', 'down'],
])

function unknownCommand(name: string): TidemarkError {
  if (name.startsWith('-')) {
    return new TidemarkError({
      code: 'TM7008',
      message: `the command comes before the flags`,
      help: 'write `tidemark COMMAND --flag`; see `tidemark help`',
    })
  }
  const near = WORDS_OF_OTHER_TOOLS.get(name) ?? suggest(name, COMMAND_WORDS)
  return new TidemarkError({
    code: 'TM7009',
    message: `unknown command "${name}"`,
    help: near === undefined ? 'see `tidemark help` for all commands' : `did you mean \`tidemark ${near}\`?`,
  })
}
