import { fileURLToPath } from 'node:url'
import { Config } from '@oclif/core'
import { Help } from '@oclif/core/help'
import { suggest, TidemarkError } from '@tidemark/core'
import { COMMANDS } from './commands.ts'
import { rootHelp } from './help/root-help.ts'
import { TOPICS } from './help/topics.ts'

/**
 * Prints help on stdout: of a command, of a topic, or the overview.
 *
 * @throws {TidemarkError} TM7009 for a word that is neither.
 */
export async function help(argv: readonly string[], root: URL): Promise<void> {
  const word = argv.find((argument) => !argument.startsWith('-') && argument !== 'help')
  if (word === undefined) {
    process.stdout.write(
      rootHelp(Object.entries(COMMANDS).map(([name, { summary }]) => ({ name, summary: summary ?? '' }))),
    )
    return
  }
  const topic = TOPICS[word]
  if (topic !== undefined) {
    process.stdout.write(topic)
    return
  }
  if (!Object.hasOwn(COMMANDS, word)) throw unknownTopic(word)
  const config = await Config.load(fileURLToPath(root))
  await new Help(config, { flagSortOrder: 'none', ...config.pjson.oclif.helpOptions }).showHelp([word])
}

function unknownTopic(word: string): TidemarkError {
  const near = suggest(word, [...Object.keys(COMMANDS), ...Object.keys(TOPICS)])
  return new TidemarkError({
    code: 'TM7009',
    message: `there is no command and no topic "${word}"`,
    help:
      near === undefined ? 'see `tidemark help` for all of them' : `did you mean \`tidemark help ${near}\`?`,
  })
}
