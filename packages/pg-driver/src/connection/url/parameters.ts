import { quoteIdentifier, suggest } from '@tidemark/core'
import { type UrlProblem, urlProblem } from './url-problem.ts'

/**
 * The settings that are honoured, by libpq's keywords, with the variable that fills each.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
const HONOURED: Readonly<Record<string, string | undefined>> = {
  service: 'PGSERVICE',
  servicefile: 'PGSERVICEFILE',
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  dbname: 'PGDATABASE',
  options: 'PGOPTIONS',
  search_path: undefined,
  application_name: 'PGAPPNAME',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  channel_binding: 'PGCHANNELBINDING',
  ssl: undefined,
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslpassword: undefined,
  sslcrl: 'PGSSLCRL',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
}

interface Limited {
  /** The values that change nothing, and are accepted. */
  readonly values: readonly string[]
  readonly variable?: string
  readonly help: string
}

/** Settings of libpq that ask for what this client cannot do, unless they have one of these values. */
const LIMITED: Readonly<Record<string, Limited>> = {
  gssencmode: {
    values: ['disable', 'prefer'],
    variable: 'PGGSSENCMODE',
    help: 'Tidemark encrypts with TLS, not GSSAPI: use sslmode',
  },
  requirepeer: {
    values: [''],
    variable: 'PGREQUIREPEER',
    help: 'the owner of a socket cannot be checked here: remove it, and use a folder that only the server may write',
  },
  require_auth: {
    values: [''],
    variable: 'PGREQUIREAUTH',
    help: 'remove it, and use sslmode=verify-full, which checks the server itself',
  },
  sslcrldir: {
    values: [''],
    variable: 'PGSSLCRLDIR',
    help: 'put the revocation lists into one file and name it with sslcrl=FILE',
  },
  sslcertmode: {
    values: ['', 'allow'],
    variable: 'PGSSLCERTMODE',
    help: 'name sslcert and sslkey to send a certificate, or leave them out to send none',
  },
  sslsni: { values: ['', '1'], variable: 'PGSSLSNI', help: 'the host name is always sent: remove it' },
  client_encoding: {
    values: ['auto', 'utf8', 'utf-8', 'unicode'],
    help: 'Tidemark speaks UTF-8 and the server converts: remove it',
  },
  replication: {
    values: ['', 'false', 'off', 'no', '0'],
    help: 'a replication connection cannot run migrations: remove it',
  },
  sslaccept: { values: [], help: 'use sslmode: verify-full checks the certificate, require does not' },
  sslidentity: { values: [], help: 'name the certificate and its key as PEM files with sslcert and sslkey' },
  targetservertype: { values: ['any'], help: 'use target_session_attrs' },
  statement_timeout: {
    values: [],
    help: 'use the setting statementTimeout, or options=-c%20statement_timeout%3D…',
  },
  lock_timeout: { values: [], help: 'use the setting lockTimeout, or options=-c%20lock_timeout%3D…' },
}

/** Other spellings of one setting. */
const ALIASES: Readonly<Record<string, string>> = {
  schema: 'search_path',
  currentSchema: 'search_path',
  schema_search_path: 'search_path',
  ApplicationName: 'application_name',
}

/** Parameters of libpq and of other tools that say nothing of where and how Tidemark connects. */
const WITHOUT_MEANING: ReadonlySet<string> = new Set(
  `fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout
  sslcompression krbsrvname gsslib gssdelegation load_balance_hosts min_protocol_version max_protocol_version
  pgbouncer connection_limit pool_timeout socket_timeout statement_cache_size prepared_statement_cache_size
  max_inactive_connection_lifetime command_timeout prepared_statement_name_func
  pool pool_size pool_mode max min max_connections min_connections max_overflow pool_recycle pool_pre_ping
  conn_max_age idle_timeout idleTimeoutMillis connectionTimeoutMillis query_timeout max_lifetime prepare
  fetch_types prepared_statements advisory_locks reaping_frequency checkout_timeout adapter encoding charset
  serverVersion pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_idle_time
  pool_health_check_period pool_max_conn_lifetime_jitter default_query_exec_mode statement_cache_mode
  statement_cache_capacity description_cache_capacity prefer_simple_protocol binary_parameters
  disable_prepared_binary_result uselibpqcompat socketTimeout loginTimeout tcpKeepAlive prepareThreshold
  preparedStatementCacheQueries preparedStatementCacheSizeMiB reWriteBatchedInserts stringtype
  defaultRowFetchSize binaryTransfer supa workaround single_use_connections statement-cache-capacity`.split(
    /\s+/,
  ),
)

/** The settings that variables of the environment fill, in the order of libpq. */
export const VARIABLES: readonly (readonly [keyword: string, variable: string])[] = [
  ...Object.entries(HONOURED).flatMap(([keyword, variable]) =>
    variable === undefined ? [] : [[keyword, variable] as const],
  ),
  ...Object.entries(LIMITED).flatMap(([keyword, { variable }]) =>
    variable === undefined ? [] : [[keyword, variable] as const],
  ),
]

/** What a parameter of a URL or a line of a service file becomes: a setting, nothing, or a problem. */
export type ParameterMeaning =
  | { readonly kind: 'setting'; readonly keyword: string; readonly value: string }
  | { readonly kind: 'without meaning' }
  | { readonly kind: 'problem'; readonly problem: UrlProblem }

/** Decides what a parameter means. Nothing that changes where SQL goes is passed over. */
export function readParameter(name: string, value: string): ParameterMeaning {
  const keyword = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name
  if (Object.hasOwn(HONOURED, keyword)) {
    return { kind: 'setting', keyword, value: name === 'schema' ? quoteIdentifier(value) : value }
  }
  if (Object.hasOwn(LIMITED, name) || Object.hasOwn(LIMITED, name.toLowerCase())) {
    const problem = checkLimited(name, value)
    return problem === undefined ? { kind: 'without meaning' } : { kind: 'problem', problem }
  }
  if (WITHOUT_MEANING.has(name) || name.startsWith('x-')) return { kind: 'without meaning' }
  const near = suggest(name, [...Object.keys(HONOURED), ...Object.keys(ALIASES), ...Object.keys(LIMITED)])
  const problem = urlProblem(
    `has the unknown parameter "${name}"`,
    near === undefined
      ? 'remove it; a setting of the server is written options=-c%20NAME%3DVALUE'
      : `did you mean "${near}"?`,
  )
  return { kind: 'problem', problem }
}

/** Refuses a setting of libpq that cannot be honoured; undefined for a value that changes nothing. */
export function checkLimited(name: string, value: string): UrlProblem | undefined {
  const limited = LIMITED[name.toLowerCase()]
  if (limited === undefined || limited.values.includes(value.toLowerCase())) return undefined
  return urlProblem(`asks for "${name}", which is not supported`, limited.help)
}
