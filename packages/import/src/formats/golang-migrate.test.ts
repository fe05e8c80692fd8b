import { expect, test } from 'vitest'
import { golangMigrate } from './golang-migrate.ts'

function transactionOf(up: string, down = 'DROP TABLE a;'): string | undefined {
  const files = Object.entries({ '1_a.up.sql': up, '1_a.down.sql': down }).map(([name, text]) => ({
    name,
    path: name,
    text,
  }))
  return golangMigrate.read(files).migrations[0]?.transaction
}

test.each([
  ['CALL fill_all(); -- in batches', 'none'],
  ['/* all */ DO $$ BEGIN UPDATE a SET b = 1; COMMIT; END $$', 'none'],
  ["DO $$ BEGIN RAISE NOTICE 'x'; END $$", 'required'],
  ['CALL fill_all(); SELECT 1;', 'required'],
  ['CREATE TABLE a ()', 'required'],
])(
  'a procedure that is called by itself may end transactions, as with golang-migrate: %s',
  (text, expected) => {
    expect(transactionOf(text)).toBe(expected)
    expect(transactionOf('CREATE TABLE a ();', text)).toBe(expected)
  },
)
