import type { Diagnostic, History, Migration, MigrationId } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { isServerError } from '../../connection/sql-state.ts'

/** What the encoding of a database cannot store. */
export interface UnstorableText {
  /** Files with such a character, each with the place of its first. */
  readonly files: ReadonlyMap<MigrationId, Diagnostic>
  /** The reason of the run has one. */
  readonly reason: Diagnostic | undefined
}

/** What is about to be stored. */
export interface TextToStore {
  readonly history: History
  readonly migrations: readonly Migration[]
  readonly reason: string | undefined
}

/**
 * Finds what the database's encoding lacks in files that are not stored as they are now, and in the reason of
 * a run. Asks the server only where a text has more than ASCII: once, when it can store everything.
 */
export async function findUnstorableText(
  connection: Connection,
  { history, migrations, reason = '' }: TextToStore,
): Promise<UnstorableText> {
  const stored = new Map(history.kind === 'absent' ? [] : history.rows.map((row) => [row.id, row.checksum]))
  const written = migrations.filter(({ id, checksum }) => stored.get(id) !== checksum)
  const characters = new Set<string>()
  for (const text of [reason, ...written.map(({ source }) => source.text)]) {
    for (const [character] of text.matchAll(BEYOND_ASCII)) characters.add(character)
  }
  if (characters.size === 0) return { files: new Map(), reason: undefined }
  const lacking = new Set(await listLacking(connection, [...characters]))
  if (lacking.size === 0) return { files: new Map(), reason: undefined }
  const encoding = await readEncoding(connection)
  const files = written.flatMap((migration): readonly (readonly [MigrationId, Diagnostic])[] => {
    const { id, source } = migration
    const first = firstOf(source.text, lacking)
    if (first === undefined) return []
    const span = { start: first.index, end: first.index + first.character.length }
    return [[id, { ...describe(first.character, encoding), source, span }]]
  })
  const inReason = firstOf(reason, lacking)
  return {
    files: new Map(files),
    reason: inReason && {
      ...describe(inReason.character, encoding, ' of the reason'),
      help: 'write the reason with other characters',
    },
  }
}

const BEYOND_ASCII = /[^\p{ASCII}]/gu

function firstOf(text: string, lacking: ReadonlySet<string>) {
  for (const match of text.matchAll(BEYOND_ASCII)) {
    const [character] = match
    if (lacking.has(character)) return { character, index: match.index }
  }
  return undefined
}

function describe(character: string, encoding: string, where = ''): Diagnostic {
  const point = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
  return {
    code: 'TM3009',
    severity: 'error',
    message: `"${character}" (U+${point})${where} cannot be stored in this database, whose encoding is ${encoding}`,
    help: 'replace the character, also in a comment; a database in UTF8 can store every character',
  }
}

/**
 * Halves what does not convert until the characters are found: what the server says is a text in its
 * language.
 */
async function listLacking(
  connection: Connection,
  characters: readonly string[],
): Promise<readonly string[]> {
  if (await converts(connection, characters)) return []
  if (characters.length === 1) return characters
  const half = Math.ceil(characters.length / 2)
  const first = await listLacking(connection, characters.slice(0, half))
  return [...first, ...(await listLacking(connection, characters.slice(half)))]
}

const UNTRANSLATABLE = '22P05'

async function converts(connection: Connection, characters: readonly string[]): Promise<boolean> {
  const bytes = `\\x${Buffer.from(characters.join('')).toString('hex')}`
  try {
    await connection.query(
      `SELECT pg_catalog.convert($1::pg_catalog.bytea, 'UTF8', pg_catalog.getdatabaseencoding())`,
      [bytes],
    )
    return true
  } catch (error) {
    if (isServerError(error) && error.code === UNTRANSLATABLE) return false
    throw error
  }
}

async function readEncoding(connection: Connection): Promise<string> {
  const { rows } = await connection.query<{ encoding: string }>(
    'SELECT pg_catalog.getdatabaseencoding()::pg_catalog.text AS encoding',
  )
  return rows[0]?.encoding ?? ''
}
