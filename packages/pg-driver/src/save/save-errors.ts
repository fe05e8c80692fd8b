import { maskSecrets, type PlanStep, TidemarkError } from '@tidemark/core'
import type { Loss } from './find-losses.ts'

/** TM5040: what a step takes away could not be saved. */
export function notSaved({ id }: PlanStep, cause: Error): TidemarkError {
  const reason = maskSecrets(cause.message)
  return new TidemarkError({
    code: 'TM5040',
    message: `"${id}" was rolled back: what it takes away could not be saved: ${reason}`,
    help: 'fix the cause and run it again, or save the data yourself and run it with --no-backup',
    details: { migration: id, reason },
    cause,
  })
}

/** TM5040: the server does not count rows, so a loss would not be seen. */
export function notCounted({ id }: PlanStep): TidemarkError {
  return new TidemarkError({
    code: 'TM5040',
    message: `"${id}" was not run: the server does not count the rows that it changes (track_counts is off)`,
    help: 'set track_counts to on for this role, or run it with --no-backup',
    details: { migration: id, reason: 'track_counts is off' },
  })
}

/** TM5042: something was lost and not saved. */
export function lostUnsaved({ id }: PlanStep, losses: readonly Loss[]): TidemarkError {
  const lost = losses.map(describeLoss)
  return new TidemarkError({
    code: 'TM5042',
    message: `"${id}" was rolled back: it took away data that was not saved: ${lost.join('; ')}`,
    help: 'what functions, DO blocks and triggers take away cannot be known before they run: save these tables yourself and run it with --no-backup, or write the statements into the file',
    details: { migration: id, unsaved: lost },
  })
}

function describeLoss({ kind, relation, rows }: Loss): string {
  const name = `"${relation.schema}.${relation.name}"`
  switch (kind) {
    case 'dropped':
      return `${name} was dropped`
    case 'columns':
      return `${name} lost columns`
    case 'rewritten':
      return `${name} was emptied`
    case 'deleted':
      return `${rows} row${rows === 1 ? '' : 's'} of ${name} ${rows === 1 ? 'was' : 'were'} deleted`
    case 'updated':
      return `all rows of ${name} were updated`
  }
}
