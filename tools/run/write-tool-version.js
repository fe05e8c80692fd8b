// Part of `pnpm run version`: writes the version that changesets chose into the source that records it.
import { readFileSync, writeFileSync } from 'node:fs'

const driver = new URL('../../packages/pg-driver/', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('package.json', driver), 'utf8'))
const source = new URL('src/options/tool-version.ts', driver)
const text = readFileSync(source, 'utf8')
writeFileSync(
  source,
  text.replace(/(TOOL_VERSION = ')[^']*/, (_, name) => name + version),
)
