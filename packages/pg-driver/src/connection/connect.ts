import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { withTimeout } from '@tidemark/core'
import { Client, type ClientConfig, Query, type QueryResult } from 'pg'
import type { TlsOptions } from '../options/tls-options.ts'
import { isWithoutTls, NO_TLS, toClientTarget, watchRequirements } from './client-config.ts'
import type {
  AnswerListener,
  Connection,
  ConnectionTls,
  QueryAnswer,
  ServerNoticeFields,
} from './connection.ts'
import type { ConnectionUrl } from './connection-url.ts'
import { COPY_DONE, type CopySource, copyDataFrame, pumpCopyData } from './copy-in.ts'
import { CopyOut } from './copy-out.ts'
import { type DriverConnection, readAddress, type ServerAddress } from './driver-connection.ts'
import { keepSeverities } from './keep-severities.ts'
import { SimpleMessage } from './simple-message.ts'
import { isServerError, SQL_STATE } from './sql-state.ts'
import { resolveTls, type TlsConfig } from './tls-config.ts'
import { backoffMs, wait } from './wait.ts'

/** What a connection is opened with. */
export interface ConnectOptions {
  readonly url: ServerAddress
  /** How the session is called, unless the URL says it. */
  readonly applicationName: string
  /** Limit for connecting and signing in, tries again included, in milliseconds; 0 is none. */
  readonly timeoutMs: number
  /** Startup options in the form of `options`: `-c name=value …`. They take the place of those of the URL. */
  readonly startupOptions?: string
  /** Wins over the TLS settings of the URL. */
  readonly ssl?: TlsOptions
  readonly signal?: AbortSignal
  /** Takes the place of the network: the client's end of a connection to an embedded database. */
  readonly socket?: () => Duplex
}

/** How long the other end may take to close the connection after we end it; then the socket is dropped. */
const GOODBYE_LIMIT_MS = 2000

const STARTING_UP_DELAY = { firstMs: 50, limitMs: 1000 }

/**
 * Opens a pipelining connection over `pg`. While the server says that it is starting up (57P03), it is asked
 * again until the time is over; with TLS mode `prefer` a server without TLS is asked again without.
 *
 * Rejects with the driver's error, or TM7050, TM7052, TM7053; {@link Connection.closed} reports a later loss.
 */
export async function connectToServer(options: ConnectOptions): Promise<Connection> {
  const { client, closed, tls } = await openClient(options)
  const connection = wrapClient(client, closed, options.socket === undefined ? 'server' : 'embedded')
  return { ...connection, tls: describeTls(client.connection.stream, tls) }
}

/** A client of `pg` that has signed in. */
interface OpenClient {
  readonly client: Client
  readonly closed: Promise<Error | null>
  readonly tls: TlsConfig
}

/** Signs in, and leaves everything else to the caller; `onClient` sees the client before it connects. */
export async function openClient(
  options: ConnectOptions,
  onClient: (client: Client) => void = () => {},
): Promise<OpenClient> {
  const { socket, signal, timeoutMs } = options
  signal?.throwIfAborted()
  const url = readAddress(options.url, socket === undefined ? process.env : {})
  const tls = socket === undefined ? await chooseTls(url, options.ssl) : NO_TLS
  const deadline = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = Math.max(1, Math.ceil(deadline - performance.now()))
    const turn = { ...options, timeoutMs: timeoutMs === 0 ? 0 : leftMs }
    try {
      return await connectPreferring(tls, url, { ...turn, onClient })
    } catch (error) {
      const pauseMs = backoffMs(attempt, STARTING_UP_DELAY)
      if (!isStartingUp(error) || performance.now() + pauseMs >= deadline) throw error
      await wait(pauseMs, signal)
    }
  }
}

/** A pool or client has TLS settings of its own, as `pg` reads them. */
async function chooseTls(
  url: ConnectionUrl | DriverConnection,
  options: TlsOptions | undefined,
): Promise<TlsConfig> {
  if (!('ssl' in url)) return resolveTls(url, options)
  if (url.ssl === false) return NO_TLS
  const ssl = url.ssl === true ? {} : url.ssl
  return { mode: ssl.rejectUnauthorized === false ? 'require' : 'verify-full', ssl }
}

interface ClientOptions extends ConnectOptions {
  readonly onClient: (client: Client) => void
}

async function connectPreferring(
  tls: TlsConfig,
  url: ConnectionUrl | DriverConnection,
  options: ClientOptions,
): Promise<OpenClient> {
  try {
    return await connectOnce(tls, url, options)
  } catch (error) {
    if (tls.mode !== 'prefer' || !isWithoutTls(error)) throw error
    return connectOnce(NO_TLS, url, options)
  }
}

async function connectOnce(
  tls: TlsConfig,
  url: ConnectionUrl | DriverConnection,
  options: ClientOptions,
): Promise<OpenClient> {
  options.signal?.throwIfAborted()
  const client = new Client(clientConfig(tls, url, options))
  options.onClient(client)
  if (options.socket === undefined) {
    keepSeverities(client.connection, tls.ssl === null ? 'connect' : 'sslconnect')
  }
  const closed = watchClosing(client)
  const checkRequirements = watchRequirements(client, url)
  const abort = () => client.connection.stream.destroy(new Error('interrupted while connecting'))
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    await client.connect()
    await checkRequirements()
  } catch (error) {
    client.connection.stream.destroy()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
  return { client, closed, tls }
}

/** Not by `instanceof`, which would load all of TLS where nobody asked for it. */
function isEncrypted(stream: Duplex): stream is TLSSocket {
  return 'encrypted' in stream && stream.encrypted === true
}

function describeTls(stream: Duplex, { mode, ssl }: TlsConfig): ConnectionTls | null {
  if (!isEncrypted(stream)) return null
  const isChecked = ssl !== null && ssl.rejectUnauthorized !== false
  return {
    protocol: stream.getProtocol(),
    cipher: stream.getCipher().standardName,
    checked: !isChecked ? 'nothing' : mode === 'verify-full' ? 'authority and host name' : 'authority',
  }
}

function isStartingUp(error: unknown): boolean {
  return isServerError(error) && error.code === SQL_STATE.cannotConnectNow
}

function clientConfig(
  tls: TlsConfig,
  url: ConnectionUrl | DriverConnection,
  options: ConnectOptions,
): ClientConfig {
  const stream = options.socket ?? ('stream' in url ? url.stream : undefined)
  return {
    application_name: options.applicationName,
    ...toClientTarget(tls, url, options.startupOptions ?? url.sessionOptions),
    connectionTimeoutMillis: options.timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    pipeline: true,
    ...('askPassword' in url ? { password: url.askPassword } : {}),
    ...(stream === undefined ? {} : { stream }),
  }
}

function watchClosing(client: Client): Promise<Error | null> {
  let reason: Error | null = null
  client.on('error', (error) => {
    reason ??= error
  })
  return new Promise((resolve) => client.on('end', () => resolve(reason)))
}

function wrapClient(client: Client, closed: Promise<Error | null>, kind: Connection['kind']): Connection {
  let notified: ((notice: ServerNoticeFields) => void) | null = null
  client.on('notice', (notice) =>
    notified?.({
      severity: notice.severity ?? 'NOTICE',
      code: notice.code ?? '00000',
      message: notice.message ?? '',
      detail: notice.detail,
      hint: notice.hint,
      where: notice.where,
      routine: notice.routine,
    }),
  )
  const cork = corkUntilNextTick(client)
  return {
    kind,
    processId: kind === 'server' ? readProcessId(client) : 0,
    sessionSettings: [],
    closed,
    async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<QueryAnswer<Row>> {
      cork()
      const result: QueryResult<Row> | QueryResult<Row>[] = await client.query<Row>(
        text,
        values && [...values],
      )
      const last = Array.isArray(result) ? result.at(-1) : result
      return last === undefined ? { rows: [], tag: '', rowCount: null } : toAnswer(last)
    },
    send(text, onAnswer, copyData) {
      cork()
      if (copyData === undefined) client.query(new SimpleMessage(text, onAnswer))
      else client.query(new InlineCopy(text, copyData, onAnswer))
    },
    copyIn: (statement, data) =>
      new Promise((resolve, reject) => {
        client.query(
          new StreamedCopy(statement, data, (error, answers) =>
            error
              ? reject(error)
              : resolve({ rows: [], tag: answers[0]?.tag ?? '', rowCount: answers[0]?.rowCount ?? null }),
          ),
        )
      }),
    copyOut: (statement, sink) =>
      new Promise((resolve, reject) => {
        client.query(
          new CopyOut(statement, sink, (error, answers) =>
            error ? reject(error) : resolve(answers[0]?.rowCount ?? 0),
          ),
        )
      }),
    onNotice(listener) {
      notified = listener
    },
    async close() {
      await withTimeout(client.end(), { limitMs: GOODBYE_LIMIT_MS, onTimeout: () => undefined })
      client.connection.stream.destroy()
    },
    destroy: () => {
      client.connection.stream.destroy()
    },
  }
}

/** The process of the server that the session has; its own declarations do not say that `pg` knows it. */
export function readProcessId(client: object): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0
}

/** Gathers what is sent in one turn of the event loop into one write: a system call for many messages. */
function corkUntilNextTick(client: Client): () => void {
  let corked: Duplex | null = null
  return () => {
    if (corked !== null) return
    corked = client.connection.stream
    corked.cork()
    process.nextTick(() => {
      corked?.uncork()
      corked = null
    })
  }
}

type RowResult = Pick<QueryResult<Record<string, unknown>>, 'command' | 'rowCount' | 'rows'>

function answerTo(onAnswer: AnswerListener) {
  return (error: Error | null | undefined, result: RowResult | readonly RowResult[]): void => {
    if (error) onAnswer(error, [])
    else onAnswer(null, 'rows' in result ? [toAnswer(result)] : result.map((one) => toAnswer(one)))
  }
}

function toAnswer<Row extends object>(
  result: Pick<QueryResult<Row>, 'command' | 'rowCount' | 'rows'>,
): QueryAnswer<Row> {
  return { rows: result.rows, tag: result.command ?? '', rowCount: result.rowCount }
}

/**
 * `COPY … FROM STDIN` with its data right behind it: no round trip. Stray data of a refused COPY is ignored
 * by the server.
 */
class InlineCopy extends Query {
  constructor(text: string, data: string, onAnswer: AnswerListener) {
    super({ text }, answerTo(onAnswer))
    this.submit = (connection) => {
      connection.query(text)
      if (data !== '') connection.stream.write(copyDataFrame(data))
      connection.stream.write(COPY_DONE)
    }
  }

  handleCopyInResponse(): void {}
}

/** `COPY … FROM STDIN` whose data is pulled as the socket takes it. */
class StreamedCopy extends Query {
  readonly #source: CopySource
  #over = false
  #broken: Error | undefined

  constructor(text: string, source: CopySource, onAnswer: AnswerListener) {
    super(
      { text },
      answerTo((error, answers) => {
        this.#over = true
        onAnswer(error && (this.#broken ?? error), answers)
      }),
    )
    this.#source = source
  }

  handleCopyInResponse(connection: { readonly stream: Duplex }): void {
    void pumpCopyData(connection.stream, this.#source, () => this.#over).then((broken) => {
      this.#broken = broken
    })
  }
}
