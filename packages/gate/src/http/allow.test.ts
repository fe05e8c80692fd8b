import { expect, test } from 'vitest'
import { createPassRule, type GateRequest } from './allow.ts'

const get = (path: string): GateRequest => ({ method: 'GET', path, header: () => undefined })
const passing = (allow: readonly string[], targets: readonly string[]) =>
  targets.filter((target) => createPassRule(allow)(get(target)))

test('a path passes exactly, with a query, with a slash at its end, and as a proxy sends it', () => {
  const targets = ['/healthz', '/healthz?full=1', '/healthz/', '/healthz#top', 'http://app:3000/healthz?a']
  expect(passing(['/healthz'], targets)).toEqual(targets)
  expect(passing(['/healthz/'], targets)).toEqual(targets)
})

test('what a router might read as that path, or as another, does not pass', () => {
  const targets = [
    '//healthz',
    '/healthz//',
    '/healthz/x',
    '/healthz/../orders',
    '/orders/../healthz',
    '/HEALTHZ',
    '/%68ealthz',
    '/healthz%00',
    '/healthz;a',
    '/orders?/healthz',
    '/\\healthz',
    'http://app?/healthz',
    'http://app#/healthz',
    'http://app\\/healthz',
    'http:///healthz',
    'app/healthz',
    '',
    '*',
  ]
  expect(passing(['/healthz'], targets)).toEqual([])
})

test('the root is a path like any other', () => {
  const targets = ['/', '/?a', 'http://app/', 'http://app', '//', '/orders', 'http://app?x/orders']
  expect(passing(['/'], targets)).toEqual(['/', '/?a', 'http://app/'])
})

test('a path with other letters is met as a request carries it', () => {
  expect(passing(['/größe und gewicht'], ['/gr%C3%B6%C3%9Fe%20und%20gewicht'])).toHaveLength(1)
  expect(passing(['/a%20b'], ['/a%20b'])).toHaveLength(1)
})

test('a predicate that answers with a promise lets nothing pass', () => {
  const allow = async () => true
  const rule = Reflect.apply(createPassRule, undefined, [allow])
  expect(() => rule(get('/orders'))).toThrow(
    new TypeError('createGate: "allow" needs to answer true or false at once, not a promise'),
  )
  const forgetful = Reflect.apply(createPassRule, undefined, [() => undefined])
  expect(() => forgetful(get('/orders'))).toThrow(
    new TypeError('createGate: "allow" needs to answer true or false at once, not a value of type undefined'),
  )
})
