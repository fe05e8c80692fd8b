import { dirname, relative, resolve, sep } from 'node:path'
import { suggest, TidemarkError } from '@tidemark/core'
import { findEnvFile, readChosenEnvFile, readNamedEnvFile } from './choose-env-file.ts'
import { isForTenants } from './choose-search-path.ts'
import { type ConfigText, describeMalformed, describeUnset, filled, problemsIn } from './config-problems.ts'
import type { Config, EnvironmentConfig } from './config-schema.ts'
import { type ExpandedConfig, expandConfig } from './expand-variables.ts'
import { findConfig } from './find-config.ts'
import { isValidConfig } from './is-valid-config.ts'
import { type LoadedConfig, loadConfigFile } from './load-config-file.ts'
import { readEnvFileBeside, type Variables } from './read-env-file.ts'
import {
  readConfigValues,
  readFlags,
  readVariables,
  type SettingsSources,
  type SourceValues,
  textOf,
} from './read-sources.ts'
import type { Origin, Settings } from './settings.ts'
import { toSettings } from './to-settings.ts'

/**
 * Loads every setting. Precedence: flags, then `TIDEMARK_*`, then the environment of the file, then the file,
 * then `DATABASE_URL`; `PG*` variables fill what the chosen URL leaves out. Variables that are not set come
 * from `.env` beside the configuration, or from the file that is named in its place. A source in which a
 * setting is present and empty is never passed over.
 *
 * @throws {TidemarkError} TM7002–TM7007; all wrong keys and values at once, as its diagnostics.
 */
export async function loadSettings({ flags, variables, folder }: SettingsSources): Promise<Settings> {
  const named = await readNamedEnvFile({ flags, variables, folder })
  const path = configPath(textOf(flags['config']) ?? filled(named ?? variables, 'TIDEMARK_CONFIG'), folder)
  const home = path === undefined ? folder : dirname(path)
  const beside = async () => named ?? { ...(await readEnvFileBeside(home)), ...variables }
  const loaded =
    path === undefined
      ? NO_CONFIG
      : await loadConfigFile({ path, shownPath: shownPath(path, folder), variables: beside })
  const asked = textOf(flags['env']) ?? filled(named ?? variables, 'TIDEMARK_ENV')
  const all =
    named ?? (await readChosenEnvFile(findEnvFile(loaded.value, asked), { variables, home, beside }))
  const { config, file } = await checkLoaded(loaded, path === undefined ? '' : shownPath(path, folder), all)
  const environment = asked ?? filled(all, 'TIDEMARK_ENV')
  const chosen = chooseEnvironment(config, environment, path && shownPath(path, folder))
  const fromFile = [
    readConfigValues(chosen, home, { kind: 'environment', name: environment ?? '' }),
    readConfigValues(config, home, { kind: 'file', name: file.source.path }),
  ]
  const envFile = fromFile.find(({ values }) => Object.hasOwn(values, 'envFile'))
  if (envFile !== undefined && envFile.values.envFile === undefined) {
    throw problemsIn(undefined, [describeUnset('envFile', envFile.origin('envFile'), file)])
  }
  const sources = [
    await readFlags(flags, folder),
    await readVariables(all, folder),
    ...fromFile,
    readDatabaseUrl(all, folder),
  ]
  const environments = Object.keys(config.environments ?? {})
  const usesSearchPaths = isForTenants(sources, config)
  const place = { folder: home, configPath: path, environment, environments, usesSearchPaths }
  return toSettings(sources, place, { variables: all, file })
}

const NO_CONFIG: LoadedConfig = { value: {}, text: '', isJson: false }

function configPath(named: string | undefined, folder: string): string | undefined {
  return named === undefined ? findConfig(folder) : resolve(folder, named)
}

async function checkLoaded(
  { value, text, isJson }: LoadedConfig,
  path: string,
  variables: Variables,
): Promise<{ readonly config: Config; readonly file: ConfigText }> {
  const {
    value: given,
    unset,
    malformed,
    empty,
  } = isJson ? expandConfig(value, variables) : notExpanded(value)
  const file = { source: { path, text }, unset, empty }
  if (malformed.size > 0) {
    const problems = Array.from(malformed, ([key, form]) => describeMalformed(key, form, file.source))
    throw problemsIn(path, problems)
  }
  if (isValidConfig(given)) return { config: given, file }
  const { checkConfig } = await import('./check-config.ts')
  const checked = checkConfig(given, file.source)
  if (checked.ok) return { config: checked.value, file }
  throw problemsIn(path, checked.error)
}

function notExpanded(value: unknown): ExpandedConfig {
  return { value, unset: new Map(), malformed: new Map(), empty: new Map() }
}

function chooseEnvironment(
  config: Config,
  name: string | undefined,
  shown: string | undefined,
): EnvironmentConfig {
  if (name === undefined) return {}
  const environments = config.environments ?? {}
  const chosen = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (chosen !== undefined) return chosen
  const names = Object.keys(environments)
  const near = suggest(name, names)
  throw new TidemarkError({
    code: 'TM7006',
    message: `${shown === undefined ? 'there is no configuration file, so no' : `"${shown}" has no`} environment "${name}"`,
    help:
      near !== undefined
        ? `did you mean "${near}"?`
        : names.length === 0
          ? 'add it under the key `environments`'
          : `the environments are ${names.join(', ')}`,
  })
}

function readDatabaseUrl(variables: Variables, folder: string): SourceValues {
  const database = variables['DATABASE_URL']
  const origin: Origin = { kind: 'variable', name: 'DATABASE_URL' }
  return readConfigValues(database === undefined ? {} : { database: database || undefined }, folder, origin)
}

function shownPath(path: string, folder: string): string {
  const shown = relative(folder, path)
  return (shown.startsWith('..') && shown.split(sep).length > 4 ? path : shown).replaceAll(sep, '/')
}
