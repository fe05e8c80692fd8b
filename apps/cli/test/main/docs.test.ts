import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { CONFIG_KEYS } from '../../src/config/config-schema.ts'
import { SETTING_SOURCES } from '../../src/config/setting-sources.ts'
import { loadCommands } from '../../src/main/commands.ts'
import { commandsPage } from '../support/commands-page.ts'

const docs = (name: string): URL => new URL(`../../../../docs/${name}`, import.meta.url)

// `UPDATE_DOCS=1 npx vitest run apps/cli/test/main/docs.test.ts` writes it again.
test('docs/commands.md is what the commands say of themselves', async () => {
  const page = commandsPage(await loadCommands())
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(docs('commands.md'), page)
  expect(await readFile(docs('commands.md'), 'utf8')).toBe(page)
})

test('docs/configuration.md names every key, variable and flag', async () => {
  const page = await readFile(docs('configuration.md'), 'utf8')
  for (const key of CONFIG_KEYS) if (key !== '$schema') expect(page).toContain(`\`${key}`)
  for (const { variable, flag } of SETTING_SOURCES) {
    expect(page).toContain(`\`${variable}\``)
    if (flag !== undefined) expect(page).toContain(`\`--${flag}\``)
  }
})
