import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { loadCommands } from '../../src/main/commands.ts'
import { commandSnapshot } from '../support/command-snapshot.ts'

const FILE = new URL('../../command-snapshot.json', import.meta.url)

// What scripts of users rest on: `UPDATE_SNAPSHOT=1 npx vitest run
// apps/cli/test/main/command-snapshot.test.ts` writes it again, and a changeset says so.
test('commands, arguments, flags and aliases are those that are committed', async () => {
  const snapshot = commandSnapshot(await loadCommands())
  if (process.env['UPDATE_SNAPSHOT'] === '1') await writeFile(FILE, `${JSON.stringify(snapshot, null, 2)}\n`)
  expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(snapshot)
})
