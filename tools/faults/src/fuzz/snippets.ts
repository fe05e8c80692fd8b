import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Words and marks that scanner and parser look for, and what comes close. */
const DICTIONARY = [
  '-- @up\n',
  '-- @down\n',
  '-- @verify\n',
  '--@UP\n',
  '-- @dwon\n',
  '-- @up x\n',
  '- @up',
  '-- Depends on: [001_a, 002_b]\n',
  '-- Depends on: [\n--   001_a,\n',
  '-- Migration: 001_a\n',
  '-- Depend on: x\n',
  '-- Type: create_table\n',
  '-- Transaction: none\n',
  '-- Run: on_change\n',
  '-- Lock timeout: 5s\n',
  '-- Lock timeout: -1\n',
  '-- Role: "a b"\n',
  '-- Replaces: []\n',
  '-- Replaces: [001_a, 001_b]\n',
  '-- Tags: [a,,b]\n',
  '-- Blocking: no\n',
  '-- :::\n',
  "'",
  "''",
  "E'\\'",
  "U&'\\0041'",
  'U&"x" UESCAPE',
  '"',
  '$$',
  '$a$',
  '$1',
  'a$b$c',
  '/*',
  '*/',
  '/*/*',
  '--',
  '\r\n',
  '\r',
  '\n',
  '\t',
  ' ',
  '\0',
  '\uFEFF',
  '\u00A0',
  '\uD83D',
  '\uDE00',
  '\u2028',
  '\u200B',
  '😀',
  '\\.',
  '\\restrict x\n',
  '\\connect y',
  '\\',
  'COPY t FROM stdin;\n',
  "COPY t (a) FROM STDIN WITH (FORMAT csv, DELIMITER ',');\n",
  'COPY t TO STDOUT;',
  'BEGIN',
  'BEGIN ATOMIC',
  'END',
  'CASE',
  'COMMIT;',
  'START TRANSACTION;',
  'ROLLBACK TO s;',
  'PREPARE TRANSACTION',
  'CREATE INDEX CONCURRENTLY i ON t (a);',
  'CREATE RULE r AS ON INSERT TO t DO (',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql',
  'DO $x$ BEGIN END $x$;',
  'VACUUM;',
  'REINDEX',
  'ALTER TABLE',
  'DETACH PARTITION p CONCURRENTLY;',
  'DROP TABLE schema_migrations;',
  'SELECT',
  'VALUES (1)',
  'WITH x AS (',
  '(',
  ')',
  '[',
  ']',
  ';',
  ';;',
  '::',
  ':=',
  ',',
  '.',
  '1e',
  '0x',
  '1_000',
  'é',
  'ＡＢ',
]

/**
 * Pieces of SQL that inputs are made from: the dictionary, and the texts of other projects where they lie
 * beside this checkout.
 */
export function loadSnippets(): readonly [string, ...string[]] {
  // From src/fuzz as from a bundle one folder below this package.
  const folder = ['../../../../../shared/corpora', '../../../../shared/corpora']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path))
  const texts = folder === undefined ? [] : readTexts(folder)
  return ['SELECT 1;\n', ...DICTIONARY, ...texts.flatMap((text) => cut(text))]
}

function readTexts(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => readFileSync(path, 'utf8').slice(0, 20_000))
}

/** Pieces of 20 to 400 characters, at the ends of lines. */
function cut(text: string): readonly string[] {
  const pieces: string[] = []
  let piece = ''
  for (const line of text.split(/(?<=\n)/)) {
    piece += line
    if (piece.length > 120) {
      pieces.push(piece.slice(0, 400))
      piece = ''
    }
  }
  return piece.length > 20 ? [...pieces, piece.slice(0, 400)] : pieces
}

/** How many of {@link loadSnippets} are words of the dictionary. */
export const DICTIONARY_SIZE = DICTIONARY.length + 1
