import { expect, test } from 'vitest'
import { addTargetFlags, targetFlags } from './target-flags.ts'

test('the flags that name a database and files are repeated, quoted for a shell', () => {
  expect(targetFlags({ env: 'staging', dir: 'my files', json: true, schema: undefined })).toBe(
    "--env staging --dir 'my files'",
  )
})

test.each([
  ['run `tidemark up` again', 'run `tidemark up --env a` again'],
  ['fix it and run "tidemark up" again', 'fix it and run "tidemark up --env a" again'],
  ['adopt it: tidemark repair 001 --adopt', 'adopt it: tidemark repair 001 --adopt --env a'],
  ['`tidemark up --env a` has them already', '`tidemark up --env a` has them already'],
  ['see `tidemark help config`', 'see `tidemark help config`'],
  ['the schema "tidemark" is taken', 'the schema "tidemark" is taken'],
])('every command in %j meets the same database', (text, expected) => {
  expect(addTargetFlags(text, '--env a')).toBe(expected)
})
