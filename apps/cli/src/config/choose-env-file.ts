import { resolve } from 'node:path'
import { filled } from './config-problems.ts'
import { expandText } from './expand-variables.ts'
import { readEnvFile, type Variables } from './read-env-file.ts'
import { type SettingsSources, textOf } from './read-sources.ts'

/**
 * The variables with those of the file that a flag or a variable names; those alone when none may be read;
 * undefined when none is named.
 */
export async function readNamedEnvFile({
  flags,
  variables,
  folder,
}: SettingsSources): Promise<Variables | undefined> {
  if (flags['no-env-file'] === true) return variables
  const path = textOf(flags['env-file']) ?? filled(variables, 'TIDEMARK_ENV_FILE')
  return path === undefined
    ? undefined
    : { ...(await readEnvFile(resolve(folder, path), path)), ...variables }
}

/** What {@link readChosenEnvFile} starts from. */
export interface EnvFilePlace {
  readonly variables: Variables
  readonly home: string
  readonly beside: () => Promise<Variables>
}

/** The variables with those of the file that a configuration names, of `.env`, or of none. */
export async function readChosenEnvFile(
  envFile: unknown,
  { variables, home, beside }: EnvFilePlace,
): Promise<Variables> {
  if (envFile === false) return variables
  const path = typeof envFile === 'string' ? expandText(envFile, variables) : undefined
  if (path === undefined || path === '') return beside()
  return { ...(await readEnvFile(resolve(home, path), path)), ...variables }
}

/** The `envFile` of a configuration that is not checked yet: its environment's, or its own. */
export function findEnvFile(config: unknown, environment: string | undefined): unknown {
  const environments = environment === undefined ? undefined : ownValue(config, 'environments')
  const chosen = environment === undefined ? undefined : ownValue(environments, environment)
  return [chosen, config]
    .map((settings) => ownValue(settings, 'envFile'))
    .find((value) => value !== undefined)
}

function ownValue(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}
