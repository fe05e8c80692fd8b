import { join } from 'node:path'
import type { Migration } from '@tidemark/core'
import { openShadow, type Shadow, type ShadowOptions } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'

/** The settings that a shadow is made by. */
export type ShadowSettings = Pick<
  Settings,
  'folder' | 'schema' | 'searchPath' | 'variables' | 'embeddedProfile' | 'shadow' | 'shadowDisposable'
>

/** Opens the shadow of a project with these migrations; what it has is kept in `.tidemark/shadow`. */
export function openProjectShadow(
  settings: ShadowSettings,
  migrations: readonly Migration[],
  { target, signal }: Pick<ShadowOptions, 'target' | 'signal'> = {},
): Promise<Shadow> {
  return openShadow({ ...shadowOptions(settings, signal), migrations, target })
}

/** The options of every shadow of a project; what runs on it ends with the signal. */
export function shadowOptions(settings: ShadowSettings, signal?: AbortSignal): ShadowOptions {
  const { folder, schema, searchPath, variables, embeddedProfile, shadow, shadowDisposable } = settings
  return {
    signal,
    schema,
    searchPath,
    variables,
    profile: embeddedProfile,
    projectFolder: folder,
    ...(shadow === 'pglite' ? {} : { server: { url: shadow, disposable: shadowDisposable } }),
    cache: { folder: shadowFolder(folder) },
  }
}

/** Where a project keeps what shadows made. */
export function shadowFolder(folder: string): string {
  return join(folder, '.tidemark', 'shadow')
}
