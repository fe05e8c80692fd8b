import { sep } from 'node:path'
import type { PlanTarget } from '@tidemark/core'
import type { TargetJson } from '../schema/schemas.ts'

/**
 * Writes which database is meant, without credentials.
 *
 * @example presentTarget(target) // 'app@db.example:5432/shop'
 */
export function presentTarget(
  { host, port, database, user, schema }: TargetJson,
  folder = process.cwd(),
): string {
  const own = schema === 'public' ? '' : ` (schema ${schema})`
  if (port === null) return `${host.replace(`:${folder}${sep}`, ':')}${own}`
  const shownHost = host.includes(':') ? `[${host}]` : host
  return `${user}@${shownHost}:${port}/${database}${own}`
}

/** The target as `--json` writes it. */
export function targetToJson({
  host,
  port,
  database,
  user,
  schema,
}: Omit<PlanTarget, 'systemIdentifier'>): TargetJson {
  return { host, port, database, user, schema }
}

/** The first line of commands that meet a database. */
export function presentHeading(target: TargetJson, rest: string, bold: (text: string) => string): string {
  return `${bold('tidemark')}  ${presentTarget(target)}  ${rest}`
}
