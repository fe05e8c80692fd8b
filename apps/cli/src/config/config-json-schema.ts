import * as z from 'zod'
import { ConfigSchema } from './config-schema.ts'

/** What a setting that is no text may be instead in a JSON configuration. */
const REFERENCE = { type: 'string', pattern: '\\$\\{' } as const

/** Gives the schema of a JSON configuration, which its `$schema` names: `apps/cli/config.schema.json`. */
export function configJsonSchema(): unknown {
  const schema = z.toJSONSchema(ConfigSchema, {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { type } = zodSchema._zod.def
      if (type !== 'number' && type !== 'boolean' && type !== 'enum') return
      const given = { ...jsonSchema }
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
      jsonSchema.anyOf = [given, REFERENCE]
    },
  })
  return { title: 'Configuration of Tidemark', ...schema }
}
