/** One object of a dump, as its comment names it, with the statements that make it. */
export interface DumpEntry {
  readonly name: string
  /** Such as `TABLE`, `INDEX`, `ACL`. */
  readonly type: string
  /** Undefined for what is in no schema. */
  readonly schema: string | undefined
  readonly sql: string
}

/** A dump in its parts. */
export interface Dump {
  /** The settings before the first object. */
  readonly settings: readonly string[]
  readonly entries: readonly DumpEntry[]
}

const HEADING =
  /^--\n-- (?:Data for )?Name: (.*); Type: (.*?); Schema: (.*?); Owner: .*?(?:; Tablespace: .*)?\n--\n\n/gm

/** What stays the same for every object and may stand anywhere between them. */
const EVERYWHERE = ["SET default_tablespace = '';", 'SET default_table_access_method = heap;']

/**
 * Cuts the text of `pg_dump` into objects. Comments about versions, `\restrict`, and settings that servers
 * before 17 do not know are left out.
 */
export function readDump(text: string): Dump {
  const body = text.replace(/\n--\n-- PostgreSQL database dump complete\n--\n[\s\S]*$/, '\n')
  const headings = [...body.matchAll(HEADING)]
  const preamble = body.slice(0, headings[0]?.index ?? body.length)
  const settings = preamble
    .split('\n')
    .filter((line) => /^(?:SET|SELECT) /.test(line) && !line.startsWith('SET transaction_timeout'))
  const entries = headings.map((heading, index) => {
    const [comment, name = '', type = '', schema = ''] = heading
    const end = headings[index + 1]?.index ?? body.length
    return {
      name,
      type,
      schema: schema === '-' ? undefined : schema,
      sql: withoutPgliteOption(type, withoutSettings(body.slice(heading.index + comment.length, end))),
    }
  })
  return { settings: [...settings, ...EVERYWHERE.filter((line) => body.includes(`\n${line}\n`))], entries }
}

const ALTER_COLUMN =
  /^(ALTER (?:FOREIGN )?TABLE ONLY .* ALTER COLUMN .* SET \()pg_attver='?\d+'?(?:, )?(.*\);)$/

/** PGlite since 0.5.17 writes an option to each column, with another number at each change. No server takes it. */
function withoutPgliteOption(type: string, sql: string): string {
  if (!/^(?:(?:FOREIGN )?TABLE|MATERIALIZED VIEW|VIEW)$/.test(type)) return sql
  return sql
    .split('\n')
    .map((line) => line.replace(ALTER_COLUMN, '$1$2'))
    .filter((line) => !/^ALTER .* SET \(\);$/.test(line))
    .join('\n')
}

/** They stand behind the statements of the object before. */
function withoutSettings(sql: string): string {
  let kept = sql.trim()
  for (;;) {
    const last = EVERYWHERE.find((line) => kept.endsWith(line))
    if (last === undefined) return kept
    kept = kept.slice(0, -last.length).trim()
  }
}
