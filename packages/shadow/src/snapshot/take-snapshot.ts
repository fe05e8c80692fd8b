import { dumpSchema } from '../dump/pg-dump.ts'
import { openShadow } from '../open-shadow.ts'
import type { Shadow } from '../port/shadow.ts'
import type { ShadowOptions } from '../shadow-options.ts'
import { formatSnapshot } from './format-snapshot.ts'

/**
 * Writes what a shadow has as SQL, as `pg_dump --schema-only` would: without the tracking tables, and without
 * what a profile makes by itself. The text is the same on every machine of one major version.
 *
 * @param profileDump what {@link dumpProfile} gave. Without it a second database is opened for it meanwhile.
 * @throws TidemarkError TM5053.
 * @example await writeFile('schema.sql', await takeSnapshot(shadow))
 */
export async function takeSnapshot(shadow: Shadow, profileDump?: string): Promise<string> {
  const connection = await shadow.connect()
  const { rows } = await connection.query('SELECT session_user::text AS name')
  await connection.close()
  return formatSnapshot({
    dump: await dump(shadow),
    emptyDump: profileDump ?? (await dumpBase(shadow)),
    serverMajor: Number.parseInt(shadow.serverVersion, 10),
    user: String(rows[0]?.['name']),
    trackingSchema: shadow.schema,
  })
}

/**
 * Gives what the profile makes by itself, for {@link takeSnapshot}; undefined where that is nothing. Its database
 * is gone before the shadow is opened, so that there is only one at a time: on PGlite each takes 300 MB.
 *
 * @throws TidemarkError TM5053, and what `openShadow` throws.
 * @example
 * const profileDump = await dumpProfile(options)
 * const shadow = await openShadow({ ...options, migrations })
 * await takeSnapshot(shadow, profileDump)
 */
export async function dumpProfile(options: Omit<ShadowOptions, 'migrations'>): Promise<string | undefined> {
  const { profile = 'plain' } = options
  return profile === 'plain' ? undefined : dumpAndClose(await openShadow(options))
}

/** Gives what the profile of a shadow makes by itself; undefined where that is nothing. */
export async function dumpBase(
  shadow: Shadow,
  excludedSchemas: readonly string[] = [],
): Promise<string | undefined> {
  const base = await shadow.openBase()
  return base && dumpAndClose(base, excludedSchemas)
}

async function dumpAndClose(shadow: Shadow, excludedSchemas: readonly string[] = []): Promise<string> {
  try {
    return await dump(shadow, excludedSchemas)
  } finally {
    await shadow.close()
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
