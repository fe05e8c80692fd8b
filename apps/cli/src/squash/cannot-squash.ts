import { TidemarkError } from '@tidemark/core'

/** TM7025: one file cannot mean what these migrations mean. */
export function cannotSquash(message: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7025', message, help })
}
