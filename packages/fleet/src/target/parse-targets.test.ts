import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAllowedHost } from './host-pattern.ts'
import { parseTargets, type TargetOrigin } from './parse-targets.ts'

const OUTSIDE: TargetOrigin = { kind: 'outside', hosts: ['*.db.internal', 'localhost:5433', '[::1]'] }

function outcomeOf(entry: unknown, origin: TargetOrigin = OUTSIDE): string {
  const [one] = parseTargets([entry], origin)
  if (one === undefined) throw new Error('no target')
  return one.kind === 'sound' ? `${one.name} on ${one.server}` : `${one.error.code} ${one.error.message}`
}

test('a target has six fields from outside, and NULL is none', () => {
  const entry = {
    name: 'acme',
    database: 'postgres://app:secret@eu-1.db.internal:5432/acme',
    schema: 'acme',
    searchPath: null,
    ring: 'canary',
    tags: ['eu'],
  }
  expect(outcomeOf(entry)).toBe('acme on eu-1.db.internal:5432')
})

test.each([
  { what: 'no object', entry: 'acme', said: 'TM7070 the target "#1": it is not an object' },
  {
    what: 'no name',
    entry: { database: 'postgres://a@b/c' },
    said: 'TM7070 the target "#1": it has no name',
  },
  { what: 'no URL', entry: { name: 'a' }, said: 'TM7070 the target "a": "database" is missing' },
  {
    what: 'a setting',
    entry: { name: 'a', database: 'postgres://a@x.db.internal/c', lockTimeout: '1s' },
    said: 'TM7070 the target "a": "lockTimeout" is no key of a target',
  },
  {
    what: 'another host',
    entry: { name: 'a', database: 'postgres://app@evil.example/c' },
    said: 'TM7070 the target "a": the host "evil.example:5432" is not among those of "fleet.hosts"',
  },
  {
    what: 'another port',
    entry: { name: 'a', database: 'postgres://app@localhost:5434/c' },
    said: 'TM7070 the target "a": the host "localhost:5434" is not among those of "fleet.hosts"',
  },
  {
    what: 'another host in a parameter',
    entry: { name: 'a', database: 'postgres://app@x.db.internal/c?host=evil.example' },
    said: 'TM7070 the target "a": the host "evil.example:5432" is not among those of "fleet.hosts"',
  },
  {
    what: 'an address behind the name',
    entry: { name: 'a', database: 'postgres://app@x.db.internal/c?hostaddr=10.6.6.6' },
    said: 'TM7070 the target "a": the database URL sets "hostaddr", which a URL from a query or a file may not',
  },
  {
    what: 'a socket',
    entry: { name: 'a', database: 'postgres://app@/c?host=/var/run/postgresql' },
    said: 'TM7070 the target "a": the database URL leads to a socket, which a URL from a query or a file may not',
  },
  {
    what: 'a service',
    entry: { name: 'a', database: 'postgres://app@x.db.internal/c?service=prod' },
    said: 'TM7070 the target "a": the database URL sets "service", which a URL from a query or a file may not',
  },
  {
    what: 'startup options',
    entry: { name: 'a', database: 'postgres://app@x.db.internal/c?options=-c%20role%3Dboss' },
    said: 'TM7070 the target "a": the database URL sets "options", which a URL from a query or a file may not',
  },
  ...['sslcert', 'sslkey', 'sslrootcert', 'sslcrl', 'passfile', 'servicefile'].map((name) => ({
    what: `a file, ${name}`,
    entry: { name: 'a', database: `postgres://app@x.db.internal/c?${name}=/etc/shadow` },
    said: `TM7070 the target "a": the database URL sets "${name}", which a URL from a query or a file may not`,
  })),
  {
    what: 'no user',
    entry: { name: 'a', database: 'postgres://x.db.internal/c' },
    said: 'TM7070 the target "a": the database URL names no user',
  },
  {
    what: 'no database',
    entry: { name: 'a', database: 'postgres://app@x.db.internal' },
    said: 'TM7070 the target "a": the database URL names no database',
  },
])('from outside $what is refused by name', ({ entry, said }) => {
  expect(outcomeOf(entry)).toBe(said)
})

test('an embedded database is no target, in a configuration or from outside', () => {
  const entry = { name: 'a', database: 'pglite:data' }
  for (const origin of [OUTSIDE, { kind: 'code' } as const])
    expect(outcomeOf(entry, origin)).toMatch(/^TM7070 /)
})

test('variables and a password file fill nothing in a URL from outside', () => {
  const before = process.env['PGPASSWORD']
  process.env['PGPASSWORD'] = 'ours'
  try {
    const [one] = parseTargets([{ name: 'a', database: 'postgres://app@x.db.internal/c' }], OUTSIDE)
    expect(one).toMatchObject({
      kind: 'sound',
      address: { password: undefined, passwordSource: { kind: 'none' } },
    })
  } finally {
    if (before === undefined) delete process.env['PGPASSWORD']
    else process.env['PGPASSWORD'] = before
  }
})

test('a name that is there twice fails once, by name, and the others stay', () => {
  const url = 'postgres://app@x.db.internal/c'
  const parsed = parseTargets(
    ['a', 'b', 'a', 'a'].map((name) => ({ name, database: url })),
    OUTSIDE,
  )
  expect(parsed.map((one) => (one.kind === 'wrong' ? one.error.message : one.name))).toEqual([
    'the target "a": there are 3 targets with this name',
    'b',
  ])
})

test('a password with any character is read as it was written, and in no message', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 5, maxLength: 20, unit: 'binary' }).filter(isPassword), (password) => {
      const database = `postgres://app:${encodeURIComponent(password)}@x.db.internal/c`
      const [sound] = parseTargets([{ name: 'a', database }], OUTSIDE)
      expect(sound).toMatchObject({ address: { password } })
      const [wrong] = parseTargets([{ name: 'a', database: `${database}?service=x` }], OUTSIDE)
      expect(wrong?.kind === 'wrong' && wrong.error.message.includes(password)).toBe(false)
    }),
  )
})

function isPassword(text: string): boolean {
  return !text.includes('\0') && !/^[\w\s]*$/.test(text) && Buffer.from(text).toString('utf8') === text
}

describe('patterns of hosts', () => {
  test.each([
    ['db', { host: 'db', port: 5432 }, true],
    ['DB', { host: 'db', port: 5432 }, true],
    ['db', { host: 'db.evil.example', port: 5432 }, false],
    ['*.internal', { host: 'a.b.internal', port: 1 }, true],
    ['*.internal', { host: 'internal', port: 1 }, false],
    ['*.internal', { host: 'x.internal.evil.example', port: 1 }, false],
    ['d.b', { host: 'dxb', port: 1 }, false],
    ['10.0.0.*:6000', { host: '10.0.0.9', port: 6000 }, true],
    ['10.0.0.*:6000', { host: '10.0.0.9', port: 5432 }, false],
    ['db:5432', { host: 'db', port: null }, true],
    ['[::1]:5432', { host: '::1', port: 5432 }, true],
    ['::1', { host: '::1', port: 5432 }, true],
  ])('%s for %j: %s', (pattern, place, expected) => {
    expect(isAllowedHost([pattern], place)).toBe(expected)
  })
})
