import { readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { replaceFile } from '@tidemark/core/node'
import { shownPath } from '@tidemark/import'
import type { Origin } from '../config/settings.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { ForeignHistory } from './import-history.ts'

/** A configuration file that is to name the schema of the tracking tables. */
export interface SchemaChange {
  /** Absolute. */
  readonly path: string
  readonly text: string
}

/** The settings to adopt with. */
export interface AdoptionSchema {
  readonly settings: DatabaseSettings
  /**
   * What to write so that every later command finds the tables; undefined when the settings stay as they are.
   */
  readonly change: SchemaChange | undefined
}

const OWN_SCHEMA = 'tidemark'

/**
 * Gives the tracking tables a schema of their own where the other tool's table has their name and nobody has
 * chosen a schema: it goes into the configuration, so that the next command finds them. Nothing is written
 * yet.
 *
 * @throws {TidemarkError} TM3001 where the schema was chosen, or is in a configuration that is code.
 */
export async function chooseAdoptionSchema(
  settings: DatabaseSettings,
  { schema, name }: Pick<ForeignHistory, 'schema' | 'name'>,
): Promise<AdoptionSchema> {
  if (name !== 'schema_migrations' || schema !== settings.schema) return { settings, change: undefined }
  const change = await planChange(settings)
  if (change !== undefined) return { settings: { ...settings, schema: OWN_SCHEMA }, change }
  throw new TidemarkError({
    code: 'TM3001',
    message: `"${schema}.${name}" is the other tool's: the tracking tables need another schema`,
    help: `${adviceFor(settings)}, then import again; its table stays as it is`,
    details: { schema, table: name },
  })
}

/** Writes what {@link chooseAdoptionSchema} decided. */
export async function writeSchemaChange({ path, text }: SchemaChange): Promise<void> {
  await replaceFile(path, text)
}

async function planChange(settings: DatabaseSettings): Promise<SchemaChange | undefined> {
  const { configPath, folder, migrations } = settings
  if (originOf(settings).kind !== 'default') return undefined
  if (configPath === undefined) {
    const config = {
      migrations: relative(folder, migrations).split(sep).join('/') || '.',
      schema: OWN_SCHEMA,
    }
    return { path: join(folder, 'tidemark.config.json'), text: `${JSON.stringify(config, null, 2)}\n` }
  }
  if (extname(configPath) !== '.json') return undefined
  return { path: configPath, text: addSchema(await readFile(configPath, 'utf8')) }
}

/** The rest of the file stays byte for byte. It was parsed before: its first brace opens the object. */
function addSchema(text: string): string {
  const [indent = '  '] = /(?<=\{\r?\n)[ \t]+/.exec(text) ?? []
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  return text.replace(/\{(\s*)(\}?)/, (_, gap: string, close: string) =>
    close === ''
      ? `{${end}${indent}"schema": "${OWN_SCHEMA}",${gap.includes('\n') ? gap : `${end}${indent}`}`
      : `{${end}${indent}"schema": "${OWN_SCHEMA}"${end}}`,
  )
}

function adviceFor(settings: DatabaseSettings): string {
  const origin = originOf(settings)
  switch (origin.kind) {
    case 'flag':
      return `give \`--schema ${OWN_SCHEMA}\``
    case 'variable':
      return `set \`${origin.name}=${OWN_SCHEMA}\``
    case 'environment':
      return `set \`schema\` to "${OWN_SCHEMA}" in the environment "${origin.name}"`
    case 'file':
      return `set \`schema\` to "${OWN_SCHEMA}" in "${origin.name}"`
    case 'default':
      return `add \`schema: '${OWN_SCHEMA}'\` to "${shownPath(settings.configPath ?? '')}"`
  }
}

function originOf({ origins }: DatabaseSettings): Origin {
  return origins.schema ?? { kind: 'default' }
}
