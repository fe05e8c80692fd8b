import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigSchema, schemaOfKey } from './config-schema.ts'
import { isValidConfig, isValidSetting } from './is-valid-config.ts'
import { SETTING_SOURCES } from './setting-sources.ts'

const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      'public',
      '5s',
      '5 parsecs',
      '0',
      'each',
      'grouped',
      'never',
      'destructive',
      'debug',
      'plain',
      '\0',
    ],
    ...['s'.repeat(63), 's'.repeat(64), 'ß'.repeat(63), '😀'.repeat(63), '😀'.repeat(64)],
    ...[0, 1, -1, 1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, true, false, null, undefined],
    ...[
      [],
      ['a'],
      ['a', ''],
      [1],
      new Array(1),
      ['a', undefined],
      {},
      { profile: 'plain' },
      { profile: 'supabase' },
      { profile: undefined },
      { afterUp: ['node', 'notify.js'] },
      { afterUp: () => undefined, onError: undefined },
      { afterUp: [] },
      { afterUp: 'make seed' },
      { beforeDown: ['x'] },
    ],
    ...[{ profile: 'huge' }, { profil: 'plain' }],
  ),
  fc.jsonValue(),
)
const keys = [
  ...SETTING_SOURCES.map(({ key }) => key),
  'development',
  'hooks',
  'embedded',
  'envFile',
  'variables',
] as const
const settings = fc.dictionary(
  fc.oneof(fc.constantFrom<string>(...keys), fc.constantFrom('tables', '$schema')),
  value,
  {
    maxKeys: 4,
  },
)
const config = fc.oneof(
  fc.record(
    { environments: fc.oneof(fc.dictionary(fc.string(), settings, { maxKeys: 2 }), value), $schema: value },
    { requiredKeys: [] },
  ),
  settings,
  value,
)

test('a setting is right when its schema says so', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), value, (key, given) => {
      expect(isValidSetting(key, given)).toBe(schemaOfKey(key).safeParse(given).success)
    }),
    { numRuns: 2000 },
  )
})

test('a configuration is right when the schema takes it as it is', () => {
  fc.assert(
    fc.property(config, (given) => {
      const parsed = ConfigSchema.safeParse(given)
      if (isValidConfig(given)) expect(parsed.data).toEqual(given)
      else if (!Array.isArray(given)) expect(parsed.success).toBe(false)
    }),
    { numRuns: 2000 },
  )
})

test('what is no plain object is left to the schema', () => {
  for (const given of [new Map(), Object.create({ database: 'x' }), [], 'x', null])
    expect(isValidConfig(given)).toBe(false)
})
