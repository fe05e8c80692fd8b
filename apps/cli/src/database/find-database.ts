import type { Connection } from '@tidemark/pg-driver/engine'

/** A database as its server describes it: what is needed to make another one like it. */
export interface FoundDatabase {
  readonly owner: string
  /** Options of CREATE DATABASE for encoding and locale; empty where a new database has the same anyway. */
  readonly locale: string
  /** What ALTER DATABASE set for every role, such as `TimeZone=UTC`. */
  readonly settings: readonly string[]
}

/** The columns for locales differ from version to version: as JSON, one that is missing is null. */
const DESCRIBE = `
SELECT d.datname AS name, pg_get_userbyid(d.datdba) AS owner,
  coalesce((SELECT s.setconfig FROM pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0), '{}') AS settings,
  format(' ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
  || CASE columns ->> 'datlocprovider'
       WHEN 'c' THEN ' LOCALE_PROVIDER libc'
       WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', columns ->> 'datlocale')
       WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(columns ->> 'datlocale', columns ->> 'daticulocale'))
         || CASE WHEN columns ->> 'daticurules' IS NULL THEN '' ELSE format(' ICU_RULES %L', columns ->> 'daticurules') END
       ELSE ''
     END AS locale
FROM pg_database d, to_jsonb(d) AS columns
WHERE d.datname IN ($1, 'template1')`

/** Reads what a database is like; undefined where there is none. */
export async function findDatabase(connection: Connection, name: string): Promise<FoundDatabase | undefined> {
  const { rows } = await connection.query<FoundDatabase & { readonly name: string }>(DESCRIBE, [name])
  const found = rows.find((row) => row.name === name)
  const usual = rows.find((row) => row.name === 'template1')?.locale
  // A database with another locale than template1 can only be made from template0.
  return found && { ...found, locale: found.locale === usual ? '' : ` TEMPLATE template0${found.locale}` }
}
