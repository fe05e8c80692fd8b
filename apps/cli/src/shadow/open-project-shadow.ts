import { join } from 'node:path'
import type { Migration } from '@tidemark/core'
import { openShadow, type Shadow, type ShadowTarget } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'

/** The settings that a shadow is made by. */
export type ShadowSettings = Pick<
  Settings,
  'folder' | 'schema' | 'embeddedProfile' | 'shadow' | 'shadowDisposable'
>

/** Opens the shadow of a project with these migrations; what it has is kept in `.tidemark/shadow`. */
export function openProjectShadow(
  { folder, schema, embeddedProfile, shadow, shadowDisposable }: ShadowSettings,
  migrations: readonly Migration[],
  target?: ShadowTarget,
): Promise<Shadow> {
  return openShadow({
    migrations,
    schema,
    profile: embeddedProfile,
    projectFolder: folder,
    ...(shadow === 'pglite' ? {} : { server: { url: shadow, disposable: shadowDisposable } }),
    ...(target === undefined ? {} : { target }),
    cache: { folder: join(folder, '.tidemark', 'shadow') },
  })
}
