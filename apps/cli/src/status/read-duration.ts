import { parseDuration, TidemarkError } from '@tidemark/core'

/**
 * Reads the duration of a flag, in milliseconds.
 *
 * @throws {TidemarkError} TM7008 when it is none.
 */
export function readDuration(text: string, flag: string): number {
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined) return milliseconds
  throw new TidemarkError({
    code: 'TM7008',
    message: `${flag} "${text}" is not a valid duration`,
    help: 'write a number with a unit, such as `90s`, `5min` or `500ms`, or `0`',
  })
}
