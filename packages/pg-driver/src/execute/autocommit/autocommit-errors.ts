import { type MigrationId, TidemarkError } from '@tidemark/core'

/** TM5020: an index with the name that the statement makes is there, and invalid. */
export function invalidIndex(id: MigrationId, index: string, ifNotExists: boolean): TidemarkError {
  const why = ifNotExists ? ': IF NOT EXISTS skipped the index of an interrupted build' : ''
  return new TidemarkError({
    code: 'TM5020',
    message: `"${id}" is not applied: the index ${index} is invalid${why}`,
    help: `drop it and run "tidemark up" again: DROP INDEX CONCURRENTLY ${index};`,
    details: { migration: id, index, dropIt: `DROP INDEX CONCURRENTLY ${index};` },
  })
}

const LOST = {
  temporary_object: 'temporary tables that its finished statements created',
  cursor: 'cursors that its finished statements opened',
} as const

/** TM5021: what the rest of a half-done file needs ended with the session of the attempt before. */
export function cannotResume(id: MigrationId, lost: keyof typeof LOST): TidemarkError {
  return new TidemarkError({
    code: 'TM5021',
    message: `"${id}" cannot continue where it stopped: ${LOST[lost]} ended with that session`,
    help: `do the rest by hand and run "tidemark mark ${id} --as completed", or revert what is done and run "tidemark mark ${id} --as pending"`,
    details: { migration: id, lost },
  })
}
