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
    ...(base === undefined ? {} : { emptyDump: base }),
    serverMajor: Number.parseInt(shadow.serverVersion, 10),
    user: String(rows[0]?.['name']),
    trackingSchema: shadow.schema,
  })
}

async function dumpBase(shadow: Shadow): Promise<string | undefined> {
  const base = await shadow.openBase()
  if (base === undefined) return undefined
  try {
    return await dump(base)
  } finally {
    await base.close()
  }
}

async function dump(shadow: Shadow): Promise<string> {
  const wire = await shadow.openWire()
  try {
    return await dumpSchema(wire, [])
  } finally {
    await wire.close()
  }
}
