import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskSecrets, maskText } from './mask-secrets.ts'

describe('every form of a password is masked', () => {
  test.each([
    ["CREATE ROLE a PASSWORD 'hunter2'", "CREATE ROLE a PASSWORD '***'"],
    [
      "ALTER USER a WITH ENCRYPTED PASSWORD 'hunter2' VALID UNTIL '2030-01-01'",
      "ALTER USER a WITH ENCRYPTED PASSWORD '***' VALID UNTIL '2030-01-01'",
    ],
    [
      `SQL statement "alter role a password 'hunter2'"\nPL/pgSQL function f() line 1 at EXECUTE`,
      `SQL statement "alter role a password '***'"\nPL/pgSQL function f() line 1 at EXECUTE`,
    ],
    [
      `SQL statement "ALTER ROLE "my role" PASSWORD 'hunter"2'"`,
      `SQL statement "ALTER ROLE "my role" PASSWORD '***'"`,
    ],
    [
      'SQL statement "ALTER ROLE a PASSWORD /* c */ $x$hunter2$x$"',
      'SQL statement "ALTER ROLE a PASSWORD /* c */ $x$***$x$"',
    ],
    ["CREATE ROLE a PASSWORD /* it's */ 'hunter2'", "CREATE ROLE a PASSWORD /* it's */ '***'"],
    ["CREATE ROLE a PASSWORD -- of the app\n  'hunter2';", "CREATE ROLE a PASSWORD -- of the app\n  '***';"],
    ["CREATE ROLE a PASSWORD 'hun'\n  'ter2' LOGIN", "CREATE ROLE a PASSWORD '***'\n  '***' LOGIN"],
    ["CREATE ROLE a PASSWORD 'hun' -- more\n  'ter2'", "CREATE ROLE a PASSWORD '***' -- more\n  '***'"],
    ["CREATE ROLE a PASSWORD 'hunter''s'", "CREATE ROLE a PASSWORD '***'"],
    ["CREATE ROLE a PASSWORD E'hunter\\'s2'", "CREATE ROLE a PASSWORD '***'"],
    ["CREATE ROLE a PASSWORD U&'hunter\\0032'", "CREATE ROLE a PASSWORD '***'"],
    ['CREATE ROLE a PASSWORD $$hunter2$$', "CREATE ROLE a PASSWORD '***'"],
    ['CREATE ROLE a PASSWORD $x$hunter$$2$x$', "CREATE ROLE a PASSWORD '***'"],
    ["CREATE ROLE a PASSWORD 'hunter", "CREATE ROLE a PASSWORD '***'"],
    ["CREATE ROLE a PASSWORD 'two\nlines'", "CREATE ROLE a PASSWORD '***'\n"],
    [
      "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password 'hunter2')",
      "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password '***')",
    ],
    [
      "ALTER USER MAPPING FOR a SERVER s OPTIONS (SET \"password\" 'hunter2', ADD sslpassword 'x')",
      "ALTER USER MAPPING FOR a SERVER s OPTIONS (SET \"password\" '***', ADD sslpassword '***')",
    ],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2' PUBLICATION p",
      "CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION p",
    ],
    [
      "SELECT dblink_connect('host=h password=hunter2 user=a')",
      "SELECT dblink_connect('host=h password=*** user=a')",
    ],
    [
      "SELECT dblink('postgres://a:hunter2@h/d', 'SELECT 1')",
      "SELECT dblink('postgres://a:***@h/d', 'SELECT 1')",
    ],
    [
      "SELECT dblink('postgres://h/d?user=a&password=hunter2&sslmode=require#x')",
      "SELECT dblink('postgres://h/d?user=a&password=***')",
    ],
    ['invalid URI "postgresql:///d?sslpassword=hunter2"', 'invalid URI "postgresql:///d?sslpassword=***"'],
    ["SELECT f('sslkey=k sslpassword=hunter2')", "SELECT f('sslkey=k sslpassword=***')"],
    ["SET app.password = 'hunter2'", "SET app.password = '***'"],
    ["ALTER DATABASE d SET app.password TO 'hunter2'", "ALTER DATABASE d SET app.password TO '***'"],
    [
      "SELECT set_config('app.password', 'hunter2', false)",
      "SELECT set_config('app.password', '***', false)",
    ],
    ["SELECT f(password => 'hunter2')", "SELECT f(password => '***')"],
    ["DO $$BEGIN ALTER ROLE a PASSWORD 'hunter2'; END$$", "DO $$BEGIN ALTER ROLE a PASSWORD '***'; END$$"],
    ["DO 'BEGIN ALTER ROLE a PASSWORD ''hunter2''; END'", "DO 'BEGIN ALTER ROLE a PASSWORD ''***''; END'"],
    [
      "DO $$BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''hunter2'''; END$$",
      "DO $$BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''***'''; END$$",
    ],
    [
      "DO 'BEGIN EXECUTE ''ALTER ROLE a PASSWORD ''''hunter2''''''; END'",
      "DO 'BEGIN EXECUTE ''ALTER ROLE a PASSWORD ''''***''''''; END'",
    ],
    [
      "DO E'BEGIN ALTER ROLE a PASSWORD \\'hunter2\\'; END'",
      "DO E'BEGIN ALTER ROLE a PASSWORD \\'***\\'; END'",
    ],
    [
      "DO $$BEGIN EXECUTE format('ALTER ROLE %I PASSWORD %L', 'a', 'hunter2'); END$$",
      "DO $$BEGIN EXECUTE format('ALTER ROLE %I PASSWORD %L', '***', '***'); END$$",
    ],
    [
      "DO $$BEGIN EXECUTE 'ALTER ROLE a PASSWORD ' || quote_literal('hunter2'); SELECT 'x'; END$$",
      "DO $$BEGIN EXECUTE 'ALTER ROLE a PASSWORD ' || quote_literal('***'); SELECT 'x'; END$$",
    ],
    [
      "DO $$BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''' || 'hunter2' || ''''; END$$",
      "DO $$BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''' || '***' || '***'; END$$",
    ],
    ["-- CREATE ROLE a PASSWORD 'hunter2'\nSELECT 1", "-- CREATE ROLE a PASSWORD '***'\nSELECT 1"],
    [
      "l'instruction « ALTER ROLE a PASSWORD 'hunter2' » a échoué",
      "l'instruction « ALTER ROLE a PASSWORD '***' » a échoué",
    ],
  ])('%s', (text, masked) => expect(maskSecrets(text)).toBe(masked))
})

test.each([
  "SELECT 'a', 'b' -- no secret",
  "COMMENT ON COLUMN users.password_hash IS 'bcrypt'",
  "ALTER DATABASE d CONNECTION LIMIT 5; SELECT 'x'",
  "CREATE TABLE t (password text, note text DEFAULT 'x')",
  "ALTER ROLE a PASSWORD NULL; SELECT 'x'",
])('%s stays as it is', (text) => expect(maskSecrets(text)).toBe(text))

test('offsets are mapped beyond, before and into a secret', () => {
  const text = "ALTER ROLE a PASSWORD 'hunter2'; SELECT x"
  const { text: masked, mapOffset } = maskText(text)
  expect(masked.slice(mapOffset(text.indexOf('SELECT')))).toBe('SELECT x')
  expect(mapOffset(3)).toBe(3)
  expect(masked.slice(0, mapOffset(text.indexOf('unter')))).toBe("ALTER ROLE a PASSWORD '***'")
})

test('a password behind any quoting, comment and line break is in no masked text, and lines are kept', () => {
  const single = (text: string) => `'${text.replaceAll("'", "''")}'`
  const quotings = [
    single,
    (text: string) => `$q$${text}$q$`,
    (text: string) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  ]
  const gaps = fc.constantFrom(' ', '\n', ' /* x */ ', ' -- y\n', '\t')
  fc.assert(
    fc.property(fc.nat(2), gaps, fc.option(fc.nat(2)), fc.boolean(), (literal, gap, body, isExecuted) => {
      const quote = (at: number, text: string) => quotings[at]?.(text) ?? ''
      const statement = `ALTER ROLE a PASSWORD${gap}${literal === 1 ? single('sEcReT') : quote(literal, 'sEcReT')}`
      const inner = isExecuted ? `BEGIN EXECUTE ${single(statement)}; END` : statement
      const text = body === null ? inner : `DO ${quote(body, inner)}`
      const masked = maskSecrets(text)
      expect(masked).not.toContain('sEcReT')
      expect(masked.split('\n').length).toBe(text.split('\n').length)
    }),
  )
})
