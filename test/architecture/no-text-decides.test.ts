import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { listSources, root } from './list-imports.ts'

/**
 * Places that look into a text, and why: nothing else says it. Texts of our own are made of values (`code`,
 * `details`, `remedy`), and code decides by those.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  'apps/cli/src/command/usage-wording.ts': 'words only: oclif reports wrong usage as English text alone',
  'apps/cli/src/fleet/advise-target.ts':
    'words only: commands that a help suggests get the name of the target',
  'apps/cli/src/import/present-import.ts':
    'words only: notes that differ in the names they quote are counted together',
  'apps/cli/src/config/load-config-file.ts': 'words only: Node says the place of a JSON error in its message',
  'apps/cli/src/manifest/write-manifest.ts':
    'words only: Node repeats the path in the message of a system error',
  'packages/core/src/diagnostic/exhausted-help.ts':
    'words only: Node names EMFILE of a worker that does not start in its message alone',
  'packages/core/src/node/find-sql-files.ts':
    'words only: Node repeats the path in the message of a system error',
  'packages/core/src/node/normalized-bytes.ts': 'words only: the offset of a part becomes that of the file',
  'packages/pg-driver/src/connection/connect-hints.ts': 'poolers and TLS layers give no code of their own',
  'packages/pg-driver/src/failure/explain-privilege.ts':
    'PostgreSQL names the object of 42501 in its message alone',
  'packages/pg-driver/src/failure/hints.ts': 'one SQLSTATE of PostgreSQL has several causes',
  'packages/pg-driver/src/failure/names-in.ts':
    'PostgreSQL names the object of most errors in its message alone',
  'packages/pg-driver/src/statement/prepared-statements.ts':
    'PostgreSQL names a prepared statement in its message alone',
  'packages/pg-driver/src/tracking/write/precondition.ts':
    'the cast that fails names our token in its message alone',
  'packages/pg-driver/src/tracking/write/tracking-check.ts':
    'the cast that fails says what it found in its message alone',
  'packages/shadow/src/apply/judge-failure.ts':
    'PostgreSQL names the role, extension or file that is missing in its message alone',
}

const TEXT = '(?:message|help|hint|databaseState)'
const METHODS = '(?:startsWith|endsWith|includes|indexOf|replace|replaceAll|match|search)'
const LOOKS_INTO = new RegExp(
  `\\b${TEXT}\\b['"\\])]*\\??\\s*\\.\\s*${METHODS}\\(|\\.(?:test|exec)\\(\\s*(?:\\w+\\.)*${TEXT}\\b|===? *\\w+\\.${TEXT}\\b|\\b${TEXT} === \\w*\\.?${TEXT}\\b`,
  'i',
)

test('no text of a message, help or hint decides anything', () => {
  const sources = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => listSources(join(root, folder, name, 'src'))),
  )
  const found = sources
    .filter((path) => LOOKS_INTO.test(readFileSync(path, 'utf8')))
    .map((path) => relative(root, path).replaceAll('\\', '/'))
  expect(sources.length).toBeGreaterThan(500)
  expect(found.filter((file) => !(file in ALLOWED))).toEqual([])
})
