import { expect, test } from 'vitest'
import type { Diagnostic } from '../src/diagnostic/diagnostic.ts'
import { findTypeContradiction } from '../src/migration/find-type-contradiction.ts'
import { findMeantKey } from '../src/migration/header/header-entries.ts'
import { findHeaderField } from '../src/migration/header/header-keys.ts'
import type { Migration } from '../src/migration/model/migration.ts'
import { parseMigration } from '../src/migration/parse-migration.ts'
import { checkStatement } from '../src/migration/sections/check-statement.ts'
import { isPlainlyAllowed } from '../src/migration/sections/is-plainly-allowed.ts'
import { findMeantSection } from '../src/migration/sections/section-names.ts'
import { hasCode } from '../src/sql/has-code.ts'
import { scanSql } from '../src/sql/scan.ts'
import { tokens } from '../src/sql/tokens.ts'
import { hasCorpora, listCorpus } from './corpora.ts'

const files = [...listCorpus('ours'), ...listCorpus('pg-regress')]
const WORDS_BEFORE_COLON = /^--+[ \t]*([A-Za-z][A-Za-z _-]*?)[ \t]*:/
const AT_WORD = /^--[ \t]*@([A-Za-z][\w-]*)/

test.skipIf(!hasCorpora)('no comment of real SQL is taken for a misspelt key or marker', () => {
  const alarms: string[] = []
  let comments = 0
  for (const { path, text } of files) {
    for (const { kind, start, end } of tokens(text)) {
      if (kind !== 'line_comment') continue
      comments += 1
      const comment = text.slice(start, end)
      const [, words = ''] = WORDS_BEFORE_COLON.exec(comment) ?? []
      const [, at = ''] = AT_WORD.exec(comment) ?? []
      const isAlarm = findHeaderField(words) === undefined && findMeantKey(words) !== undefined
      if (isAlarm || findMeantSection(at.toLowerCase()) !== undefined) alarms.push(`${path}: ${comment}`)
    }
  }
  expect(comments).toBeGreaterThan(9000)
  expect(alarms).toEqual([])
})

test.skipIf(!hasCorpora)('what is allowed at a glance is allowed at a closer look', () => {
  const overlooked: string[] = []
  for (const { path, text } of files) {
    for (const statement of scanSql(text).statements) {
      if (!hasCode(text, statement) || !isPlainlyAllowed(text, statement)) continue
      // An empty comment in front hides the first word from the glance.
      const hidden = `/**/${text.slice(statement.codeStart, statement.codeEnd)}`
      const whole = { ...statement, start: 0, codeStart: 0, codeEnd: hidden.length, end: hidden.length }
      const place = {
        source: { path, text: hidden },
        section: 'up',
        transaction: 'required',
        trackingSchema: 'public',
      } as const
      const found = checkStatement(whole, place)
      if (found !== undefined) overlooked.push(`${path}: ${found.message}`)
    }
  }
  expect(overlooked).toEqual([])
})

test.skipIf(!hasCorpora)('a thousand files of other projects are read without a complaint', () => {
  const complaints: string[] = []
  for (const { path, text } of listCorpus('ours')) {
    // One of them drops a table of this name, its own from before: records are kept elsewhere then.
    const parsed = parseMigration({ path, text }, { trackingSchema: 'tidemark' })
    const found = parsed.ok ? [...parsed.value.notes, ...describeType(parsed.value.migration)] : parsed.error
    complaints.push(...found.map(({ code }) => `${path}: ${code}`))
  }
  expect(complaints).toEqual([])
})

function describeType(migration: Migration): readonly Diagnostic[] {
  const found = findTypeContradiction(migration)
  return found === undefined ? [] : [found]
}
