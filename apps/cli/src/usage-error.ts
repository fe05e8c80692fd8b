import { suggest, TidemarkError } from '@tidemark/core'

/** What oclif's parser throws, as far as it is looked at. */
interface ParserError {
  readonly message: string
  readonly flags?: unknown
  readonly args?: unknown
}

/**
 * Turns an error of oclif's parser into TM7008 with a suggestion. Undefined for anything that is not a usage error.
 * The message never repeats a value that was given: it may hold a password.
 */
export function toUsageError(
  error: unknown,
  flagNames: readonly string[],
  command: string,
): TidemarkError | undefined {
  if (!isParserError(error)) return undefined
  const help = `see \`tidemark help ${command}\``
  const unknown = namesOf(error.flags)
  if (error.constructor.name === 'NonExistentFlagsError' && unknown[0] !== undefined) {
    const near = suggest(unknown[0].replace(/^-+/, ''), flagNames)
    return usage(
      `unknown flag ${unknown.map((flag) => `"${flag.replace(/=.*/s, '')}"`).join(', ')}`,
      near === undefined ? help : `did you mean "--${near}"?`,
    )
  }
  return usage(firstWords(error), help)
}

function usage(message: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7008', message, help })
}

function isParserError(error: unknown): error is Error & ParserError {
  return error instanceof Error && 'oclif' in error && ('parse' in error || 'showHelp' in error)
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function firstWords(error: Error & ParserError): string {
  const { message, args } = error
  const kind = error.constructor.name
  const plain = message
    .replace(/\n?See more help with --help.*$/s, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of oclif are escape sequences
    .replace(/\u001b\[[0-9;]*m/g, '')
  if (kind === 'UnexpectedArgsError') {
    return `unexpected argument ${namesOf(args)
      .map((argument) => `"${argument}"`)
      .join(', ')}`
  }
  if (kind === 'RequiredArgsError') {
    const names = Array.isArray(args)
      ? args.map((item: { name?: unknown }) => String(item.name).toUpperCase())
      : []
    return `missing argument ${names.join(', ')}`
  }
  const text = plain.replace(/^The following errors? occurred:\s*/, '').replace(/\s*\n\s*/g, '; ')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
