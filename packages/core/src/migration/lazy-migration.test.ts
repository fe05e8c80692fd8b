import { expect, test } from 'vitest'
import { lazyMigration } from './lazy-migration.ts'
import type { Migration } from './model/migration.ts'
import { parseMigration } from './parse-migration.ts'
import { withDownVerdict } from './with-down-verdict.ts'

const TEXT = `-- Depends on: [001_users]
-- Replaces: [000_old]
-- @up
CREATE TABLE posts (id int);
-- @down
DROP TABLE posts;
-- @verify
SELECT true;
`
const path = 'migrations/002_posts.sql'

function parsed(text: string): Migration {
  const result = parseMigration({ path, text })
  if (!result.ok) throw new Error('the text is wrong')
  return result.value.migration
}

test('a recalled migration is the parsed one, part by part, and reads its text once and late', () => {
  const whole = parsed(TEXT)
  let reads = 0
  const readText = () => {
    reads += 1
    return TEXT
  }
  const recalled = lazyMigration({ path, readText, checksum: whole.checksum, header: whole.header })
  expect([recalled.id, recalled.checksum, recalled.source.path]).toEqual([whole.id, whole.checksum, path])
  expect(recalled.header).toEqual(whole.header)
  expect(reads).toBe(0)
  for (const key of ['up', 'down', 'verify', 'dependsOnSpans', 'replacesSpans'] as const) {
    expect(recalled[key]).toEqual(whole[key])
  }
  expect(recalled.source.text).toBe(TEXT)
  expect(reads).toBe(1)
})

test('a text that is not what was recalled is a mistake of ours', () => {
  const { checksum, header } = parsed(TEXT)
  const recalled = lazyMigration({ path, readText: () => 'SELECT 1;', checksum, header })
  expect(() => recalled.up).toThrow(TypeError)
})

test('a copy of a recalled migration has all of it', () => {
  const whole = parsed(TEXT)
  const { checksum, header } = whole
  const copy = { ...lazyMigration({ path, readText: () => TEXT, checksum, header }), downVerdict: undefined }
  expect(copy.up).toEqual(whole.up)
  expect(copy.down).toEqual(whole.down)
  expect({ ...copy.source }).toEqual({ path, text: TEXT })
})

test('a verdict on a @down is added without the text being read', () => {
  const whole = parsed(TEXT)
  const { checksum, header } = whole
  let reads = 0
  const readText = () => {
    reads += 1
    return TEXT
  }
  const downVerdict = { verdict: 'exact', details: [] } as const
  const known = withDownVerdict(lazyMigration({ path, readText, checksum, header }), downVerdict)
  expect(known).toMatchObject({ id: '002_posts', checksum, header, downVerdict })
  expect(reads).toBe(0)
  const copy = { ...known }
  expect([copy.up, copy.down, copy.downVerdict]).toEqual([whole.up, whole.down, downVerdict])
})
