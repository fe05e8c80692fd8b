import { expect, test } from 'vitest'
import { addTargetFlags, targetFlags } from './target-flags.ts'

test('the flags that name a database and files are repeated, quoted for a shell', () => {
  expect(targetFlags({ env: 'staging', dir: 'my files', json: true, schema: undefined })).toBe(
    "--env staging --dir 'my files'",
  )
})

test('a flag that a command names already is not repeated, in any order', () => {
  const flags = "--env a --dir 'it'\\''s here' --schema b"
  expect(addTargetFlags('run `tidemark down --schema b --yes`', flags)).toBe(
    "run `tidemark down --schema b --yes --env a --dir 'it'\\''s here'`",
  )
  expect(addTargetFlags('see `tidemark plan -e a --dir x --schema b`', flags)).toBe(
    'see `tidemark plan -e a --dir x --schema b`',
  )
})

test('that no .env file is read is repeated too', () => {
  expect(targetFlags({ env: 'a', 'no-env-file': true })).toBe('--env a --no-env-file')
  expect(addTargetFlags('run `tidemark up` again', '--env a --no-env-file')).toBe(
    'run `tidemark up --env a --no-env-file` again',
  )
})

test.each([
  ['run `tidemark up` again', 'run `tidemark up --env a` again'],
  ['fix it and run "tidemark up" again', 'fix it and run "tidemark up --env a" again'],
  ['adopt it: tidemark repair 001 --adopt', 'adopt it: tidemark repair 001 --adopt --env a'],
  [
    'first: tidemark down --target 1_a; tidemark down --target 2_b',
    'first: tidemark down --target 1_a --env a; tidemark down --target 2_b --env a',
  ],
  ['`tidemark up --env a` has them already', '`tidemark up --env a` has them already'],
  ['see `tidemark help config`', 'see `tidemark help config`'],
  ['the schema "tidemark" is taken', 'the schema "tidemark" is taken'],
])('every command in %j meets the same database', (text, expected) => {
  expect(addTargetFlags(text, '--env a')).toBe(expected)
})
