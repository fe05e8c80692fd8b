import type { RunHooks } from '@tidemark/core'
import { createHooks } from '@tidemark/pg-driver'
import { notTrusted } from '../config/find-config.ts'
import { isStrangersConfig } from '../config/folder-trust.ts'
import type { Settings } from '../config/settings.ts'

/**
 * Makes the hooks of a project. Commands run in the folder of the configuration, which must be one that would
 * also be found there: a file that others could have written gives no commands, even when `--config` names it.
 *
 * @throws {TidemarkError} TM7027.
 */
export function openHooks(
  { hooks, folder, configPath }: Pick<Settings, 'hooks' | 'folder' | 'configPath'>,
  redact: (text: string) => string,
): RunHooks | undefined {
  const given = Object.values(hooks).filter((hook) => hook !== undefined)
  if (given.length === 0) return undefined
  const hasCommands = given.some((hook) => typeof hook !== 'function')
  if (hasCommands && configPath !== undefined && isStrangersConfig(configPath, process.cwd())) {
    throw notTrusted(configPath, 'commands')
  }
  return createHooks(hooks, { folder, redact })
}
