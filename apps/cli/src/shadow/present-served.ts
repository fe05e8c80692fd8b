import type { ShadowServedJson } from '../schema/shadow-schemas.ts'
import { count } from '../text/count.ts'
import type { ServedProject } from './serve-project-shadow.ts'

/** Writes how a served shadow is reached, and how it ends. */
export function presentServed({ url, shadow }: ServedProject): string {
  const { applied, serverVersion } = shadow
  const [major] = serverVersion.split('.')
  return `${url}
${count(applied.length, 'migration')} on PostgreSQL ${major}. Ctrl-C ends it, and nothing of it is left.`
}

/** Gives a served shadow as its JSON document. */
export function servedToJson(served: ServedProject): ShadowServedJson {
  const { url, host, port, user, password, database, shadow } = served
  const { engine, serverVersion: version, applied } = shadow
  return { url, host, port, user, password, database, shadow: { engine, version, applied: applied.length } }
}
