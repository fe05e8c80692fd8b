import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor } from './redactor.ts'

describe('the redactor', () => {
  test('masks the password of a URL that it never learned', () => {
    const { redact } = createRedactor()
    expect(redact('cannot reach postgres://ada:hunter2@db:5432/shop now')).toBe(
      'cannot reach postgres://ada:***@db:5432/shop now',
    )
  })

  test('masks a password that contains the delimiters of a URL', () => {
    const { redact } = createRedactor()
    expect(redact('postgres://ada:p@ss/w?rd#1@db/shop')).toBe('postgres://ada:***@db/shop')
  })

  test('masks keyword strings and query parameters', () => {
    const { redact } = createRedactor()
    expect(redact("host=db password='a b' user=ada")).toBe('host=db password=*** user=ada')
    expect(redact('postgres://db/shop?user=ada&password=hunter2&x=1')).toBe(
      'postgres://db/shop?user=ada&password=***&x=1',
    )
    expect(redact('PGPASSWORD=hunter2 tidemark up')).toBe('PGPASSWORD=*** tidemark up')
  })

  test('masks each part of a password that a parser would cut apart', () => {
    const redactor = createRedactor()
    redactor.learnFrom('postgres://ada:correct@horse/battery@db/shop')
    expect(redactor.redact('ENOTFOUND horse/battery, correct')).toBe('ENOTFOUND ***/***, ***')
  })

  test('leaves words alone that only contain a short password', () => {
    const redactor = createRedactor()
    redactor.learnFrom('postgres://ada:test@db/shop')
    expect(redactor.redact('the latest test')).toBe('the latest ***')
  })

  test('keeps the user readable where it equals the password', () => {
    const redactor = createRedactor()
    redactor.learnFrom('postgres://postgres:postgres@localhost:5432/postgres')
    expect(redactor.redact('postgres@localhost:5432/postgres')).toBe('postgres@localhost:5432/postgres')
  })

  test('I11: prints no password in any encoding', () => {
    const secrets = fc.string({
      unit: fc.constantFrom(...'@:/?#%^&+ é\'"\\$x9'),
      minLength: 8,
      maxLength: 20,
    })
    fc.assert(
      fc.property(secrets, (secret) => {
        const redactor = createRedactor()
        redactor.learnFrom(`postgres://ada:${encodeURIComponent(secret)}@db/shop`)
        const forms = [
          secret,
          encodeURIComponent(secret),
          JSON.stringify(secret).slice(1, -1),
          Buffer.from(secret).toString('base64'),
        ]
        for (const form of forms) {
          expect(redactor.redact(`[${form}] postgres://ada:${form}@db/shop`)).not.toContain(form)
        }
      }),
    )
  })
})
