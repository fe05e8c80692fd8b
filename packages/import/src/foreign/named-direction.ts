/** Which way a file goes, by its name. */
export interface NamedDirection {
  readonly way: 'up' | 'down' | undefined
  /**
   * `certain` for a word that nothing else can mean (`x.down`, `down/x`); `likely` at an end of the name
   * (`x_down`, `down_x`), where a description may have it too (`slow_down`); `possible` after the number
   * (`1_undo_x`), where a description begins.
   */
  readonly certainty: 'certain' | 'likely' | 'possible'
  /** The name without the word and without `.sql`: the same for both files of a pair. */
  readonly stem: string
}

const DOWN = 'downs?|dn|undo|rollbacks?|reverts?|reverse|backwards?|backouts?|unapply|downgrades?'
const UP = 'ups?|do|deploy|apply|forwards?|migrate|upgrades?'
const FOLDER = new RegExp(`(?<=^|/)(?:${DOWN}|${UP})/`, 'gi')

const LEADING_UP = new RegExp(`(?<=^|/)(?:${UP})[._-](?=[^/]*$)`, 'i')

interface Place extends Pick<NamedDirection, 'way' | 'certainty'> {
  readonly pattern: RegExp
}

/** The surest first; a word for the way back before one for the way forward. */
const PLACES: readonly Place[] = [
  place('down', 'certain', String.raw`(?<=^|/)WORD$|\.WORD$|\.WORD(?=\.[^/]*$)|(?<=^|/)WORD/`),
  place('up', 'certain', String.raw`(?<=^|/)WORD$|\.WORD$|\.WORD(?=\.[^/]*$)`),
  place('down', 'likely', '[_-]WORD$|(?<=^|/)WORD[._-](?=[^/]*$)'),
  place('up', 'likely', '[_-]WORD$|(?<=^|/)WORD[._-](?=[^/]*$)'),
  place('down', 'possible', String.raw`(?<=(?:^|/)\d+)[_-]WORD(?=[._-][^/]*$)`),
  place('up', 'possible', String.raw`(?<=(?:^|/)\d+)[_-]WORD(?=[._-][^/]*$)|(?<=^|/)WORD/`),
]

/**
 * Reads which way a file goes from its name: `x.up`, `x-down`, `NAME/up`, `down/x`, `1.do.x`, `rollback-x`.
 *
 * @example readDirection('1.undo.users.sql') // { way: 'down', certainty: 'certain', stem: '1.users' }
 */
export function readDirection(name: string): NamedDirection {
  const path = name.replace(/\.sql$/i, '')
  for (const { way, certainty, pattern } of PLACES) {
    if (pattern.test(path)) return { way, certainty, stem: path.replace(pattern, '').replace(FOLDER, '') }
  }
  return { way: undefined, certainty: 'certain', stem: path }
}

/**
 * Gives a name without a word in front that says that it goes forward, whatever the end of the name says.
 *
 * @example trimForward('migrate-1_slow_down') // '1_slow_down'
 */
export function trimForward(name: string): string {
  return name.replace(LEADING_UP, '')
}

function place(way: 'up' | 'down', certainty: NamedDirection['certainty'], pattern: string): Place {
  const word = `(?:${way === 'down' ? DOWN : UP})`
  return { way, certainty, pattern: new RegExp(pattern.replaceAll('WORD', word), 'i') }
}
