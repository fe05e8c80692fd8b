import { expect, test } from 'vitest'
import { adviseTarget } from './advise-target.ts'

test('advice for one database becomes advice for the target', () => {
  expect(adviseTarget('create it: run `tidemark up --create-schema` (createSchema)', 'acme')).toBe(
    'create it: run `tidemark fleet up --only acme --create-schema` (createSchema)',
  )
  expect(adviseTarget('run "tidemark status"', "o'neil & co")).toBe(
    "run \"tidemark fleet status --only 'o'\\''neil & co'\"",
  )
  expect(adviseTarget('adopt it with "tidemark baseline --through ID"', 'acme')).toBe(
    'adopt it with "tidemark baseline --through ID" (with the --database-url, --schema and --search-path of acme)',
  )
  expect(adviseTarget('see the names with: tidemark fleet status', 'acme')).toBe(
    'see the names with: tidemark fleet status',
  )
})
