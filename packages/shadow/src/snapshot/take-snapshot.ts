import { dumpSchema } from '../dump/pg-dump.ts'
import type { Shadow } from '../port/shadow.ts'
import { formatSnapshot } from './format-snapshot.ts'

/**
 * Writes what a shadow has as SQL, as `pg_dump --schema-only` would: without the tracking tables, and without
 * what a profile makes by itself. The text is the same on every machine of one major version.
 *
 * @throws TidemarkError TM5053.
 * @example await writeFile('schema.sql', await takeSnapshot(shadow))
 */
export async function takeSnapshot(shadow: Shadow): Promise<string> {
  const connection = await shadow.connect()
  const { rows } = await connection.query('SELECT session_user::text AS name')
  await connection.close()
  const base = await dumpBase(shadow)
  return formatSnapshot({
    dump: await dump(shadow),
    emptyDump: base,
    serverMajor: Number.parseInt(shadow.serverVersion, 10),
    user: String(rows[0]?.['name']),
    trackingSchema: shadow.schema,
  })
}

/** What the profile of a shadow makes by itself; undefined where that is nothing. */
export async function dumpBase(
  shadow: Shadow,
  excludedSchemas: readonly string[] = [],
): Promise<string | undefined> {
  const base = await shadow.openBase()
  if (base === undefined) return undefined
  try {
    return await dump(base, excludedSchemas)
  } finally {
    await base.close()
  }
}

/** Runs `pg_dump` on a database that is there to be dumped, or is only read. */
export async function dump(
  { openWire }: Pick<Shadow, 'openWire'>,
  excludedSchemas: readonly string[] = [],
): Promise<string> {
  const wire = await openWire()
  try {
    return await dumpSchema(wire, [
      '--lock-wait-timeout=10000',
      ...excludedSchemas.map((schema) => `--exclude-schema="${schema}"`),
    ])
  } finally {
    await wire.close()
  }
}
