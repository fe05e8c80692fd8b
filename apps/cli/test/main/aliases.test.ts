import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

test.each([
  ['rollback', 'down'],
  ['apply', 'up'],
  ['deploy', 'up'],
  ['create', 'new'],
  ['generate', 'new'],
])('%s is an alias of %s, and its help says so', async (alias, name) => {
  const { run } = await openProject({})
  const help = await run([alias, '--help'])
  expect(help).toEqual(await run([name, '--help']))
  expect(help.stdout).toMatch(
    new RegExp(`ALIASES\\n(?: {2}\\$ tidemark \\w+\\n)* {2}\\$ tidemark ${alias}\\n`),
  )
  expect(await run(['help', alias])).toEqual(help)
})

test('the first flag of a list is indented as the others', async () => {
  const { run } = await openProject({})
  const { stdout } = await run(['down', '--help'])
  expect(stdout).toMatch(/^ {6}--json {16}Write.*\n {6}--config=FILE {9}Use/m)
  expect(stdout).not.toContain(' ]')
})

test('an alias does what its command does', async () => {
  const { run } = await openProject(SHOP)
  expect((await run(['create', 'add tags'])).stdout).toBe(
    '✓ migrations/004_add_tags.sql  (depends on 003_posts_author)\n',
  )
})

test.each([['version'], ['--version'], ['-V'], ['-v']])('%s prints the version', async (word) => {
  const { run } = await openProject({})
  const { code, stdout, stderr } = await run([word])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^tidemark \d+\.\d+\.\d+ \(Node v\d+\.\d+\.\d+\)\n$/)
})

test('-v with a command is --verbose', async () => {
  const { run } = await openProject(SHOP)
  expect((await run(['validate', '-v'])).stdout).toBe('✓ 3 migrations, no problem; head: 003_posts_author\n')
})

test.each([
  ['rolback', 'rollback'],
  ['aply', 'apply'],
  ['generat', 'generate'],
  ['statsu', 'status'],
  ['versoin', 'version'],
  ['revert', 'down'],
  ['undo', 'down'],
])('%s is answered with %s', async (word, near) => {
  const { run } = await openProject({})
  expect(await run([word])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7009: unknown command "${word}"\nhelp: did you mean \`tidemark ${near}\`?\n`,
  })
})
