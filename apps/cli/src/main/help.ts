import type { Command } from '@oclif/core'
import { CommandHelp, Help } from '@oclif/core/help'
import { suggest, TidemarkError } from '@tidemark/core'
import { PlainConfig } from '../command/plain-config.ts'
import { getRuntime } from '../command/runtime.ts'
import { readCommandManifest } from '../completion/command-manifest.ts'
import { readableWidth, wrapText } from '../text/wrap-text.ts'
import { aliasesOf, COMMAND_WORDS, loadCommand, nameOfCommand } from './commands.ts'
import { rootHelp } from './help/root-help.ts'
import { TOPICS } from './help/topics.ts'

/**
 * Prints help on stdout: of a command, of a topic, or the overview.
 *
 * @throws {TidemarkError} TM7009 for a word that is neither.
 */
export async function help(argv: readonly string[], root: string): Promise<void> {
  const width = readableWidth(getRuntime().terminal.width)
  const word = argv.find((argument) => !argument.startsWith('-') && argument !== 'help')
  if (word === undefined) {
    process.stdout.write(wrapText(rootHelp(readCommandManifest(root)), width))
    return
  }
  const topic = TOPICS[word]
  if (topic !== undefined) {
    process.stdout.write(wrapText(topic, width))
    return
  }
  const name = nameOfCommand(word)
  const command = await loadCommand(name)
  if (command === undefined) throw unknownTopic(word)
  const config = new PlainConfig(root)
  await new FittedHelp(config, { flagSortOrder: 'none', maxWidth: width - MISCOUNTED }).showCommandHelp(
    describe(name, command),
  )
}

/** oclif's help of a command, which also indents the first flag of a list as the others. */
class AlignedHelp extends CommandHelp {
  override renderList(...[rows, options]: Parameters<CommandHelp['renderList']>): string {
    const indent = /^ */.exec(rows[0]?.[0] ?? '')?.[0] ?? ''
    return options.multiline ? super.renderList(rows, options) : indent + super.renderList(rows, options)
  }
}

/** oclif's help, which wraps its first line too, and does not write FLAGS after every group. */
class FittedHelp extends Help {
  protected override CommandHelpClass = AlignedHelp

  protected override log(...parts: readonly string[]): void {
    const text = parts
      .join(' ')
      .replace('TIMEOUTS AND RETRIES FLAGS', 'TIMEOUTS AND RETRIES')
      .replace(/\[(--[\w-]+)\s+\]/g, '[$1]')
    process.stdout.write(`${wrapText(text, this.opts.maxWidth + MISCOUNTED)}\n`)
  }
}

// oclif forgets one indent where it writes flags one below the other.
const MISCOUNTED = 2

/** A command as oclif's help wants it: all flags, each with its name. */
function describe(id: string, command: Command.Class): Command.Loadable {
  const { args, baseFlags, flags } = command
  return {
    ...command,
    id,
    args: named(args),
    flags: named({ ...baseFlags, ...flags }),
    aliases: [...aliasesOf(id)],
    hiddenAliases: [],
    load: async () => command,
  }
}

function named<T extends object>(parts: Readonly<Record<string, T>>): Record<string, T & { name: string }> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, { ...part, name }]))
}

function unknownTopic(word: string): TidemarkError {
  const near = suggest(word, [...COMMAND_WORDS, ...Object.keys(TOPICS)])
  return new TidemarkError({
    code: 'TM7009',
    message: `there is no command and no topic "${word}"`,
    help:
      near === undefined ? 'see `tidemark help` for all of them' : `did you mean \`tidemark help ${near}\`?`,
  })
}
