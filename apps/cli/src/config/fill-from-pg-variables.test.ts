import { expect, test } from 'vitest'
import { fillFromPgVariables } from './fill-from-pg-variables.ts'

const PG = {
  PGHOST: 'db',
  PGPORT: '6000',
  PGUSER: 'ada',
  PGPASSWORD: 'p@ss',
  PGDATABASE: 'shop',
  PGSSLMODE: 'require',
}

test('variables give all that a bare URL leaves out', () => {
  expect(fillFromPgVariables('postgres://', PG)).toBe('postgres://ada:p%40ss@db:6000/shop?sslmode=require')
})

test('a part of the URL is never overridden', () => {
  const url = 'postgresql://bob:secret@host:5555/other?sslmode=disable'
  expect(fillFromPgVariables(url, PG)).toBe(url)
  expect(fillFromPgVariables('postgres:///?user=bob&host=/run', { PGUSER: 'ada', PGHOST: 'db' })).toBe(
    'postgres:///?user=bob&host=/run',
  )
})

test('TLS and startup options are filled in too, but no mode beside the ssl of other Node tools', () => {
  const more = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/etc/ca.pem', PGOPTIONS: '-c search_path=a' }
  expect(fillFromPgVariables('postgres://db/shop', more)).toBe(
    'postgres://db/shop?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&options=-c%20search_path%3Da',
  )
  expect(fillFromPgVariables('postgres://db/shop?ssl=false', { PGSSLMODE: 'require' })).toBe(
    'postgres://db/shop?ssl=false',
  )
})

test('an address in brackets keeps its port', () => {
  expect(fillFromPgVariables('postgres://bob@[::1]:5432/shop', PG)).toBe(
    'postgres://bob:p%40ss@[::1]:5432/shop?sslmode=require',
  )
})

test('without variables a missing host is localhost, and nothing else is made up', () => {
  expect(fillFromPgVariables('postgres:///shop', {})).toBe('postgres://localhost/shop')
  expect(fillFromPgVariables('pglite:memory', PG)).toBe('pglite:memory')
})
