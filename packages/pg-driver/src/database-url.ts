import { type PlanTarget, TidemarkError } from '@tidemark/core'

/** Where a URL leads, without its credentials. */
export type UrlTarget = Pick<PlanTarget, 'host' | 'port' | 'database' | 'user'>

/**
 * Reads a `postgres://` URL. What it leaves out comes from `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, as `pg` does.
 *
 * @throws TidemarkError TM7050 when it is no such URL; the message does not repeat it.
 * @example parseDatabaseUrl('postgres://app:secret@db:5432/shop').database // 'shop'
 */
export function parseDatabaseUrl(url: string, environment: NodeJS.ProcessEnv = process.env): UrlTarget {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) throw notAUrl(url)
  const user = decode(parsed.username) || environment['PGUSER'] || environment['USER'] || 'postgres'
  const port = parsed.port || parsed.searchParams.get('port') || environment['PGPORT']
  return {
    host: decode(parsed.hostname) || parsed.searchParams.get('host') || environment['PGHOST'] || 'localhost',
    port: port ? Number(port) : 5432,
    database: decode(parsed.pathname.slice(1)) || environment['PGDATABASE'] || user,
    user,
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw notAUrl(part)
  }
}

function notAUrl(url: string): TidemarkError {
  const percent = /%(?![0-9a-f]{2})/i.test(url) ? ' A "%" in a password is written "%25".' : ''
  return new TidemarkError({
    code: 'TM7050',
    message: 'the database is not a URL that can be read',
    help: `write it as postgres://user:password@host:5432/database, with @ : / ? # % in the password percent-encoded.${percent}`,
  })
}
