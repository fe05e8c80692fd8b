import { suggest, TidemarkError } from '@tidemark/core'
import { wordUsage } from './usage-wording.ts'

/**
 * Turns what oclif's parser throws into TM7008 with a suggestion.
 *
 * @param error whatever was thrown while a command line was parsed
 */
export function toUsageError(error: unknown, flagNames: readonly string[], command: string): TidemarkError {
  const help = `see \`tidemark help ${command}\``
  const [unknown] = error instanceof Error && 'flags' in error ? namesOf(error.flags) : []
  if (kindOf(error) === 'UnexpectedArgsError')
    return usage(describe(error), helpForArguments(flagNames, command) ?? help, error)
  if (kindOf(error) !== 'NonExistentFlagsError' || unknown === undefined)
    return usage(describe(error), help, error)
  const flag = unknown.replace(/=.*/s, '')
  const near = suggest(flag.replace(/^-+/, ''), flagNames)
  return usage(`unknown flag "${flag}"`, near === undefined ? help : `did you mean "--${near}"?`, error)
}

/** A name of several words, and a migration where it is named by a flag. */
function helpForArguments(flagNames: readonly string[], command: string): string | undefined {
  if (command === 'new') return 'put a name of several words in quotes, or write `_` between them'
  return flagNames.includes('target')
    ? `name a migration with \`tidemark ${command} --target ID\``
    : undefined
}

function usage(message: string, help: string, cause: unknown): TidemarkError {
  return new TidemarkError({ code: 'TM7008', message, help, cause })
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : ''
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const args = 'args' in error && Array.isArray(error.args) ? error.args : []
  if (kindOf(error) === 'UnexpectedArgsError') {
    return `unexpected argument ${namesOf(args)
      .map((argument) => `"${argument}"`)
      .join(', ')}`
  }
  if (kindOf(error) === 'RequiredArgsError') {
    return `missing argument ${args.map((item: { name?: unknown }) => String(item.name).toUpperCase()).join(', ')}`
  }
  return wordUsage(error.message)
}
