import { join } from 'node:path'
import type { Migration } from '@tidemark/core'
import { openShadow, type Shadow } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'

/** The settings that a shadow is made by. */
export type ShadowSettings = Pick<Settings, 'folder' | 'schema' | 'embeddedProfile'>

/** Opens the shadow of a project with these migrations; what it has is kept in `.tidemark/shadow`. */
export function openProjectShadow(
  { folder, schema, embeddedProfile }: ShadowSettings,
  migrations: readonly Migration[],
): Promise<Shadow> {
  return openShadow({
    migrations,
    schema,
    profile: embeddedProfile,
    projectFolder: folder,
    cache: { folder: join(folder, '.tidemark', 'shadow') },
  })
}
