import { loadModule, parseSync, scanSync } from 'libpg-query'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasCode, scanSql, tokens } from '../src/index.ts'
import { hasCorpora, listCorpus, readExpected } from './corpora.ts'

// What needs the corpora is skipped where they do not lie beside the repository.
const withCorpora = describe.skipIf(!hasCorpora)

function listCode(text: string): readonly string[] {
  return scanSql(text)
    .statements.filter(({ codeStart, codeEnd }) => codeEnd > codeStart)
    .map(({ codeStart, codeEnd }) => text.slice(codeStart, codeEnd))
}

withCorpora("PostgreSQL's regression scripts", () => {
  it.each(listCorpus('pg-regress'))('$path splits as psql splits it', ({ path, text }) => {
    // psql sends a block comment at the very start of a statement along.
    const expected = readExpected()[path]?.map((statement) => listCode(statement).join(''))
    expect(listCode(text)).toEqual(expected)
  })
})

withCorpora('the real parser', () => {
  beforeAll(() => loadModule())

  it('agrees on the boundaries of every statement it accepts', () => {
    let count = 0
    for (const { text } of listCorpus('pg-regress')) {
      const accepted = listCode(text).filter((code) => code.endsWith(';') && isAccepted(code))
      const joined = accepted.map((code) => `/* ; */ ${code} -- ;'"\n`).join('')
      expect(endsOf(joined)).toEqual(parserEnds(joined))
      count += accepted.length
    }
    expect(count).toBeGreaterThan(27_000)
  })

  it('agrees on the tokens of every statement it accepts', () => {
    for (const { text } of listCorpus('pg-regress')) {
      for (const code of listCode(text).filter(isAccepted)) {
        expect(startsOfTokens(code)).toEqual(parserTokens(code))
      }
    }
  })
})

withCorpora('real migrations', () => {
  it.each(listCorpus('ours'))('$path is tiled, and read without a problem', ({ text }) => {
    const scan = scanSql(text, { markers: true })
    expect(scan.statements.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text)
    expect(scan.problems).toEqual([])
    expect(scan.markers.map(({ name }) => name).filter((name) => name === 'up')).toEqual(['up'])
  })
})

function isAccepted(code: string): boolean {
  try {
    return parseSync(code).stmts?.length === 1
  } catch {
    return false
  }
}

function endsOf(text: string): readonly number[] {
  return scanSql(text)
    .statements.filter((statement) => hasCode(text, statement))
    .map(({ codeEnd }) => Buffer.byteLength(text.slice(0, codeEnd)))
}

/** The parser gives byte offsets without the `;`. */
function parserEnds(text: string): readonly number[] {
  const statements = text === '' ? [] : (parseSync(text).stmts ?? [])
  return statements.map(({ stmt_location = 0, stmt_len = 0 }) => stmt_location + stmt_len + 1)
}

function startsOfTokens(code: string): readonly string[] {
  return [...tokens(code)]
    .filter(({ kind }) => kind !== 'string_continuation')
    .map(({ start, end }) => code.slice(start, end))
}

function parserTokens(code: string): readonly string[] {
  return scanSync(code).tokens.map(({ text }) => text)
}
