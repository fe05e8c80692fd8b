import { expect, test } from 'vitest'
import { checkServer, type ServerFacts } from './server-facts.ts'

const facts = {
  version: '16.2',
  versionNum: 160_002,
  role: 'ada',
  isSuperuser: false,
  mayCreateDatabases: true,
  powers: [],
  systemIdentifier: '7',
}
const check = (changes: Partial<ServerFacts>, disposable = false, targetIdentifier?: string) => {
  try {
    checkServer({ ...facts, ...changes }, { disposable, targetIdentifier })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}
const refused = (why: string) => `the shadow server is refused: ${why}`

test('a role with CREATEDB alone is taken on PostgreSQL 14 and newer', () => {
  expect(check({})).toBeUndefined()
  expect(check({ version: '14.0', versionNum: 140_000 })).toBeUndefined()
})

test('an older server is refused, also where it is disposable', () => {
  const old = { version: '13.14', versionNum: 130_014 }
  expect(check(old)).toBe(refused('it is PostgreSQL 13.14'))
  expect(check(old, true)).toBe(refused('it is PostgreSQL 13.14'))
})

test('a superuser is taken where the server is there for shadows alone', () => {
  expect(check({ isSuperuser: true })).toBe(
    refused('the role "ada" is a superuser, so a migration could do anything there'),
  )
  expect(check({ isSuperuser: true, powers: ['may create roles (CREATEROLE)'] }, true)).toBeUndefined()
})

test('the server of the target is refused', () => {
  expect(check({}, false, '8')).toBeUndefined()
  expect(check({}, true, '7')).toBe(refused('it is the server of the database that the migrations are for'))
})
