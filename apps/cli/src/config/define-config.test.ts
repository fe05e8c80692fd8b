import { expect, expectTypeOf, test } from 'vitest'
import type { TidemarkConfig } from '../../define-config.js'
import { defineConfig } from '../../define-config.js'
import type { Config } from './config-schema.ts'

test('defineConfig has the types of the schema, and gives back what it is given', () => {
  expectTypeOf<TidemarkConfig>().toExtend<Config>()
  expectTypeOf<Omit<Config, '$schema' | 'embedded' | 'environments' | 'fleet'>>().toExtend<TidemarkConfig>()
  expectTypeOf<Exclude<keyof Config, '$schema'>>().toEqualTypeOf<keyof TidemarkConfig>()
  const config = { database: 'postgres://localhost/shop', environments: { ci: { envFile: false } } } as const
  expect(defineConfig(config)).toBe(config)
  // @ts-expect-error: a key that does not exist
  defineConfig({ databse: 'postgres://localhost/shop' })
})
