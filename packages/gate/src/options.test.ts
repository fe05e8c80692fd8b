import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { expect, test } from 'vitest'
import { entry, manifestOf } from '../test/index.ts'
import { createGate } from './gate.ts'
import type { TargetGate } from './targets/target-gate.ts'

const database = { query: () => Promise.resolve({ rows: [] }) }
const migrations = manifestOf(entry('040_add_phone'))

/** What making a gate with these options throws, from outside TypeScript's sight. */
function refusal(options: object): { code: string; message: string; help: string | undefined } {
  try {
    Reflect.apply(createGate, undefined, [{ database, migrations, ...options }])
  } catch (error) {
    if (error instanceof TidemarkError) return { code: error.code, message: error.message, help: error.help }
    throw error
  }
  throw new Error('nothing was refused')
}

test.each([
  [{ alow: ['/healthz'] }, 'alow', 'allow'],
  [{ migration: 'x' }, 'migration', 'migrations'],
  [{ Watch: true }, 'Watch', 'watch'],
  [{ onerror: 'close' }, 'onerror', 'onError'],
])('a misspelt option is named with the one that was meant: %o', (options, wrong, near) => {
  expect(refusal(options)).toEqual({
    code: 'TM7002',
    message: `createGate: unknown option "${wrong}"`,
    help: `did you mean "${near}"?`,
  })
})

test('an option like no other lists those that exist', () => {
  expect(refusal({ colour: 'red' }).help).toMatch(/^it takes database, migrations, schema, /)
})

test.each([
  [{ database: 'postgres://db/shop' }, /^createGate: "database" is not valid: .*@tidemark\/gate\/pg/],
  [{ database: {} }, /"database"/],
  [{ database: undefined }, /"database"/],
  [{ migrations: '' }, /"migrations"/],
  [{ migrations: 3 }, /"migrations"/],
  [{ migrations: new URL('file:///app/migrations') }, /"migrations" .* fileURLToPath/],
  [{ schema: '' }, /"schema"/],
  [{ requires: [] }, /"requires"/],
  [{ requires: '040_add_phone' }, /"requires"/],
  [{ allow: ['healthz'] }, /"allow/],
  [{ allow: ['/assets/*'] }, /"allow/],
  [{ allow: [/health/] }, /"allow/],
  [{ expose: 'sql' }, /"expose"/],
  [{ ahead: 'ignore' }, /"ahead"/],
  [{ onError: 'crash' }, /"onError"/],
  [{ watch: 'yes' }, /"watch"/],
  [{ poll: { minMs: 0 } }, /"poll.minMs"/],
  [{ poll: { minMs: 900, maxMs: 100 } }, /"poll"/],
  [{ poll: { min: 1 } }, /"poll"/],
  [{ log: 'console' }, /"log" is not valid: needs warn/],
  [{ log: { info: () => undefined } }, /"log"/],
  [{ timeoutMs: -1 }, /"timeoutMs"/],
  [{ onEvent: 'log' }, /"onEvent"/],
  [{ listener: { start: 1, stop: 2 } }, /"listener"/],
  [{ listener: { start: () => undefined } }, /"listener"/],
])('a value that an option does not take is refused at once: %o', (options, message) => {
  const refused = refusal(options)
  expect(refused.code).toBe('TM7003')
  expect(refused.message).toMatch(message)
})

test('a list of allowed paths says what it takes', () => {
  expect(refusal({ allow: '/healthz' }).message).toBe(
    'createGate: "allow" is not valid: needs a list of paths that start with "/", without "*", "?" and "#", or a function',
  )
})

test('a gate without options says what it needs', () => {
  expect(() => Reflect.apply(createGate, undefined, [])).toThrow(
    expect.objectContaining({ code: 'TM7003', message: 'createGate: options are missing' }),
  )
})

test('an id that does not exist is refused at once with a manifest, naming the near miss', () => {
  expect(refusal({ requires: ['add_phone'] })).toEqual({
    code: 'TM2007',
    message: 'the gate requires "add_phone", which does not exist',
    help: 'did you mean "040_add_phone"?',
  })
})

test('a path without a folder is refused at once', () => {
  const missing = join(mkdtempSync(join(tmpdir(), 'gate-none-')), 'migrations')
  expect(refusal({ migrations: missing })).toMatchObject({
    code: 'TM7062',
    message: `the gate cannot read its migrations from "${missing}": ENOENT: no such file or directory, stat '${missing}'`,
  })
})

const noTarget = (): undefined => undefined

test.each([
  [{ target: 'tenant' }, '"target" is not valid: needs a function of the request'],
  [{ target: noTarget, maxTargets: 0 }, '"maxTargets" is not valid: Too small: expected number to be >=1'],
  [
    { target: noTarget, maxChecks: 1.5 },
    '"maxChecks" is not valid: Invalid input: expected int, received number',
  ],
  [{ target: noTarget, onEvent: 'log' }, '"onEvent" is not valid: needs a function'],
  [{ target: noTarget, schema: 'tenant_a' }, '"schema" is given beside "target"'],
  [{ target: noTarget, poll: { minMs: 9, maxMs: 1 } }, '"poll" is not valid: needs minMs ≤ maxMs'],
])('a gate of many targets refuses %o', (options, message) => {
  const make = () => Reflect.apply(createGate, undefined, [{ migrations, ...options }])
  expect(make).toThrow(expect.objectContaining({ code: 'TM7003', message: `createGate: ${message}` }))
})

test('a gate of many targets takes no database, listener or log of its own', () => {
  const target = noTarget
  expect(refusal({ target }).message).toBe('createGate: "database" is given beside "target"')
  for (const option of ['listener', 'log', 'directUrl', 'migrateOnStart']) {
    const make = () => Reflect.apply(createGate, undefined, [{ migrations, target, [option]: {} }])
    expect(make).toThrow(expect.objectContaining({ code: 'TM7002' }))
  }
})

test('what a function names that is no target reaches who asks, and is no refusal', async () => {
  const named = [{}, { name: '' }, { name: 'a' }, { name: 'a', database: 'postgres://db' }, 'a']
  const request = { method: 'GET', path: '/', header: () => undefined }
  for (const given of named) {
    const gate: TargetGate = Reflect.apply(createGate, undefined, [{ migrations, target: () => given }])
    await expect(gate.refuse(request)).rejects.toThrow(/^createGate: "target" needs to return /)
    await gate.stop()
  }
})
