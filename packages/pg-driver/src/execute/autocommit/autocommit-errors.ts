import { type IndexBuild, type MigrationId, TidemarkError } from '@tidemark/core'

/** What {@link notBuilt} is about. */
export interface NotBuilt {
  readonly index: string
  readonly built: 'invalid' | 'missing'
  readonly build: Pick<IndexBuild, 'ifNotExists'>
}

/** TM5020: the index that a statement was to make is there and invalid, or is not there. */
export function notBuilt(id: MigrationId, { index, built, build }: NotBuilt): TidemarkError {
  const dropIt = `DROP INDEX CONCURRENTLY ${built === 'missing' ? 'IF EXISTS ' : ''}${index};`
  const why = build.ifNotExists ? ': IF NOT EXISTS skipped the index of an interrupted build' : ''
  const [what, help] =
    built === 'invalid'
      ? [`is invalid${why}`, `drop it and run "tidemark up" again: ${dropIt}`]
      : ['was not found after its statement', 'run "tidemark up" again; another session may have dropped it']
  return new TidemarkError({
    code: 'TM5020',
    message: `"${id}" is not applied: the index ${index} ${what}`,
    help,
    details: { migration: id, index, dropIt },
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
