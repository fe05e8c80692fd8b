import {
  type Diagnostic,
  type History,
  type Migration,
  type MigrationId,
  type RunIdentity,
  refusedError,
} from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { isServerError } from '../../connection/sql-state.ts'

/** Files with a character that the encoding of a database lacks, each with the place of its first. */
export type UnstorableFiles = ReadonlyMap<MigrationId, Diagnostic>

/**
 * Finds what the database's encoding lacks in files. Asks the server only where a text has more than ASCII:
 * once, when it can store everything.
 */
export async function findUnstorableFiles(
  connection: Connection,
  migrations: readonly Migration[],
): Promise<UnstorableFiles> {
  const texts = migrations.map(({ source }) => source.text)
  const lacking = await findLacking(connection, texts)
  if (lacking.size === 0) return new Map()
  const encoding = await readEncoding(connection)
  const files = migrations.flatMap((migration): readonly (readonly [MigrationId, Diagnostic])[] => {
    const { id, source } = migration
    const first = firstOf(source.text, lacking)
    if (first === undefined) return []
    const span = { start: first.index, end: first.index + first.character.length }
    return [[id, { ...describe(first.character, encoding), source, span }]]
  })
  return new Map(files)
}

/** Lists the files that are not stored as they are now. */
export function listUnstored(history: History, migrations: readonly Migration[]): readonly Migration[] {
  const stored = new Map(history.kind === 'absent' ? [] : history.rows.map((row) => [row.id, row.checksum]))
  return migrations.filter(({ id, checksum }) => stored.get(id) !== checksum)
}

/**
 * Gives a run as the database can store it: in who runs, which nobody wrote for it, `?` is put in place of a
 * character that the encoding lacks.
 *
 * @throws TidemarkError TM3009 where the reason has one.
 */
export async function storableRun(connection: Connection, run: RunIdentity): Promise<RunIdentity> {
  const { executedBy, reason = '' } = run
  const lacking = await findLacking(connection, [executedBy, reason])
  if (lacking.size === 0) return run
  const inReason = firstOf(reason, lacking)
  if (inReason !== undefined) {
    const found = describe(inReason.character, await readEncoding(connection), ' of the reason')
    throw refusedError([{ ...found, help: 'write the reason with other characters' }])
  }
  const known = executedBy.replace(BEYOND_ASCII, (character) => (lacking.has(character) ? '?' : character))
  return { ...run, executedBy: known }
}

async function findLacking(connection: Connection, texts: readonly string[]): Promise<ReadonlySet<string>> {
  const characters = new Set<string>()
  for (const text of texts) {
    for (const [character] of text.matchAll(BEYOND_ASCII)) characters.add(character)
  }
  return new Set(characters.size === 0 ? [] : await listLacking(connection, [...characters]))
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
