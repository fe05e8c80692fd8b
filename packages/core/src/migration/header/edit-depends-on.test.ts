import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMigration } from '../parse-migration.ts'
import { editDependsOn } from './edit-depends-on.ts'

function parse(text: string) {
  const parsed = parseMigration({ path: 'migrations/009_x.sql', text })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('; '))
  return parsed.value.migration
}

const SQL = '-- @up\nSELECT 1;\n'

describe('editing dependencies', () => {
  test.each([
    ['-- Depends on: [001_a]\n', ['002_b'], [], '-- Depends on: [001_a, 002_b]\n'],
    ['-- depends  on : 001_a\n', ['002_b'], [], '-- depends  on : 001_a, 002_b\n'],
    ['-- Depends on: []\n', ['002_b', '003_c'], [], '-- Depends on: [002_b, 003_c]\n'],
    ['-- Depends on:\n', ['002_b'], [], '-- Depends on: [002_b]\n'],
    ['-- Depends on: [001_a, 002_b]\n', [], ['001_a', '002_b'], '-- Depends on: []\n'],
    ['-- Depends on: [001_a, 002_b, 003_c]\n', [], ['002_b'], '-- Depends on: [001_a, 003_c]\n'],
    ['-- Depends on: [001_a, 002_b, 003_c]\n', [], ['001_a', '002_b'], '-- Depends on: [003_c]\n'],
    ['-- Depends on: [001_a, 002_b]\n', ['004_d'], ['002_b'], '-- Depends on: [001_a, 004_d]\n'],
    ['-- Depends on: [001_a, 001_a]\n', [], ['001_a'], '-- Depends on: []\n'],
    [
      '-- Depends on: [001_a,\n--   002_b,\n--   003_c,\n-- ]\n',
      ['004_d'],
      ['001_a'],
      '-- Depends on: [002_b,\n--   003_c, 004_d,\n-- ]\n',
    ],
    ['-- Depends on: [001_a]\n', ['001_a'], [], '-- Depends on: [001_a]\n'],
    ['', ['001_a'], [], '-- Depends on: [001_a]\n'],
    ['', [], ['001_a'], ''],
    [
      '-- Migration: 009_x\n-- Type: custom_sql\n-- Tags: [a]\n\n',
      ['001_a'],
      [],
      '-- Migration: 009_x\n-- Type: custom_sql\n-- Depends on: [001_a]\n-- Tags: [a]\n\n',
    ],
    [
      '-- A licence.\n/* -- Depends on: [no] */\n',
      ['001_a'],
      [],
      '-- Depends on: [001_a]\n-- A licence.\n/* -- Depends on: [no] */\n',
    ],
  ])('%j', (header, add, remove, edited) => {
    expect(editDependsOn(parse(header + SQL), { add, remove })).toBe(edited + SQL)
  })

  test('says what was asked for, and changes nothing else', () => {
    const id = fc.constantFrom('001_a', '002_b', '003_c', '004_d', '005_e')
    const header = fc.record({
      ids: fc.uniqueArray(id),
      separator: fc.constantFrom(',', ', ', ' ,  ', ',\n--   '),
      brackets: fc.constantFrom('[]', '[ ]', ''),
      before: fc.constantFrom('', '-- Migration: 009_x\n', '-- A comment\n\n'),
    })
    fc.assert(
      fc.property(
        header,
        fc.uniqueArray(id),
        fc.uniqueArray(id),
        ({ ids, separator, brackets, before }, add, remove) => {
          const [open = '', close = ''] = [brackets.slice(0, 1), brackets.slice(1)]
          const list = open === '' ? ids.join(', ') : open + ids.join(separator) + close
          const migration = parse(`${before}-- Depends on: ${list}\n-- Tags: [t]\n${SQL}`)
          const wanted = add.filter((one) => !remove.includes(one))
          const edited = parse(editDependsOn(migration, { add: wanted, remove }))
          const left = ids.filter((one) => !remove.includes(one))
          expect(edited.header).toEqual({
            ...migration.header,
            dependsOn: [...left, ...wanted.filter((one) => !left.includes(one))],
          })
          expect(edited.source.text.slice(edited.up.marker.start)).toBe(SQL)
        },
      ),
    )
  })
})
