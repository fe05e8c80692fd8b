import type { TokenCursor } from './token-cursor.ts'

// Types of two words and more, by their first word.
const LONG_TYPES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  access: [['method']],
  default: [['conversion'], ['privileges']],
  event: [['trigger']],
  foreign: [['data', 'wrapper'], ['table']],
  large: [['object']],
  materialized: [['view']],
  operator: [['class'], ['family']],
  text: [
    ['search', 'configuration'],
    ['search', 'dictionary'],
    ['search', 'parser'],
    ['search', 'template'],
  ],
  user: [['mapping']],
}

/**
 * Takes the type of object that a CREATE, ALTER, DROP or COMMENT is about, such as `materialized view`.
 * The type is in lower case; empty when no word comes.
 */
export function readObjectType(cursor: TokenCursor): string {
  const first = cursor.word
  if (first === '') return ''
  cursor.advance()
  const rest: string[] = []
  for (;;) {
    const next = nextWord(first, rest, cursor.word)
    if (next === undefined) return [first, ...rest].join(' ')
    rest.push(next)
    cursor.advance()
  }
}

/** Tells whether a word goes on with a type that has begun with these. */
function nextWord(first: string, rest: readonly string[], word: string): string | undefined {
  const types = Object.hasOwn(LONG_TYPES, first) ? (LONG_TYPES[first] ?? []) : []
  const goesOn = types.some(
    (type) => type[rest.length] === word && rest.every((part, index) => type[index] === part),
  )
  return goesOn ? word : undefined
}

/** The words between CREATE and the type of object. */
export interface CreateHead {
  readonly type: string
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly unlogged: boolean
  readonly unique: boolean
}

/** Takes all of `OR REPLACE TEMP UNIQUE …` and the type of object. */
export function readCreateHead(cursor: TokenCursor): CreateHead {
  const orReplace = cursor.accept('or', 'replace')
  const modifiers = new Set<string>()
  for (;;) {
    const word = cursor.acceptOneOf(...MODIFIERS)
    if (word === undefined) break
    modifiers.add(word)
  }
  return {
    type: readObjectType(cursor),
    orReplace,
    temporary: modifiers.has('temp') || modifiers.has('temporary'),
    unlogged: modifiers.has('unlogged'),
    unique: modifiers.has('unique'),
  }
}

const MODIFIERS = [
  'global',
  'local',
  'temp',
  'temporary',
  'unlogged',
  'unique',
  'recursive',
  'constraint',
  'trusted',
  'procedural',
] as const
