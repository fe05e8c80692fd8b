import { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { err, maskSecrets, ok, type Result } from '@tidemark/core'
import type { DriverClient, DriverPool } from '../options/driver.ts'
import type { DriverConnection } from './driver-connection.ts'
import { findPassword } from './url/password-file.ts'
import type { TlsParameters } from './url/tls-parameters.ts'

/** Why a value cannot be taken, and what to pass instead. */
export interface DriverProblem {
  readonly reason: string
  readonly help: string
}

const TAKES =
  'pass a postgres:// URL, a Pool or Client of "pg", or a database such as createEmbeddedDatabase makes'

/**
 * Reads how a `Pool` or `Client` of `pg` reaches its server; connects nothing. Runs open connections of their
 * own, since they need several, one of them for long, with settings that an application's would keep.
 */
export function readDriver(value: unknown): Result<DriverConnection, DriverProblem> {
  if (isPool(value)) return readPool(value)
  if (isClient(value)) return readClient(value)
  return err({ reason: describeOther(value), help: TAKES })
}

/** Gives a `Pool` or `Client` of `pg` that a runner can take, or the reason why it cannot. */
export function checkDriver(value: unknown): Result<DriverPool | DriverClient, DriverProblem> {
  if (!isDriver(value)) return err({ reason: describeOther(value), help: TAKES })
  const read = readDriver(value)
  return read.ok ? ok(value) : read
}

function isDriver(value: unknown): value is DriverPool | DriverClient {
  return isPool(value) || isClient(value)
}

interface Pool {
  readonly Client: (...args: never[]) => unknown
  readonly options: object
}

function isPool(value: unknown): value is Pool {
  return isObject(value) && isObject(field(value, 'options')) && isFunction(field(value, 'Client'))
}

interface Client {
  readonly connectionParameters: object
}

function isClient(value: unknown): value is Client {
  return (
    isObject(value) && isObject(field(value, 'connectionParameters')) && isFunction(field(value, 'connect'))
  )
}

function readPool(pool: Pool): Result<DriverConnection, DriverProblem> {
  if (field(pool, 'ending') === true || field(pool, 'ended') === true) return err(ended('Pool', 'pool'))
  const { options } = pool
  // `pg` hides the password from enumeration; a stream would be opened at once.
  const settings = { ...options, password: field(options, 'password'), stream: undefined }
  try {
    const client: unknown = Reflect.construct(pool.Client, [settings])
    if (isClient(client)) return readParameters(client.connectionParameters, 'Pool', options)
    return err({ reason: 'this Pool has clients that are not of "pg"', help: TAKES })
  } catch (error) {
    const said = error instanceof Error ? maskSecrets(error.message) : String(error)
    return err({
      reason: `pg cannot read the settings of this Pool: ${said}`,
      help: 'correct what new Pool(…) is given',
    })
  }
}

function readClient(client: Client): Result<DriverConnection, DriverProblem> {
  const own = 'and a run opens connections of its own'
  if (isFunction(field(client, 'release'))) {
    return err({
      reason: `this client was checked out of a pool, ${own}`,
      help: 'pass the pool itself, and release the client',
    })
  }
  if (field(client, '_ending') === true || field(client, '_ended') === true) {
    return err(ended('Client', 'client'))
  }
  const status = field(client, '_txStatus')
  if (status === 'T' || status === 'E') {
    return err({
      reason: `this Client is in a transaction, ${own}`,
      help: 'commit or roll back first; a run is in no transaction of the caller',
    })
  }
  const connection = field(client, 'connection')
  if (isObject(connection) && !(field(connection, 'stream') instanceof Duplex)) {
    return err({
      reason: 'this Client has a stream of its own, which cannot be opened again',
      help: 'pass a Pool, with the stream as a function',
    })
  }
  return readParameters(client.connectionParameters, 'Client', {
    enableChannelBinding: field(client, 'enableChannelBinding'),
  })
}

function ended(kind: string, name: string): DriverProblem {
  return {
    reason: `this ${kind} was ended`,
    help: `make the runner before ${name}.end(), or pass another ${kind} or a URL`,
  }
}

/** A pool's TLS is in its `ssl`. */
const NO_PARAMETERS: TlsParameters = {
  mode: undefined,
  rootCertificate: undefined,
  certificate: undefined,
  key: undefined,
  passphrase: undefined,
  revocationList: undefined,
  minVersion: undefined,
  maxVersion: undefined,
  negotiation: 'postgres',
}

/** @param options of the pool: what `pg` does not keep in the parameters of a client. */
function readParameters(
  parameters: object,
  kind: string,
  options: object,
): Result<DriverConnection, DriverProblem> {
  const text = (name: string) => stringOf(field(parameters, name))
  const [host, user, port] = [text('host'), text('user'), Number(field(parameters, 'port'))]
  if (host === undefined || user === undefined || !(port > 0)) {
    const missing = host === undefined ? 'host' : user === undefined ? 'user' : 'port'
    return err({ reason: `this ${kind} has no ${missing}`, help: `name it where the ${kind} is made` })
  }
  const target = { host, port, database: text('database') ?? user, user }
  const ssl = field(parameters, 'ssl')
  return ok({
    target,
    address: undefined,
    password: undefined,
    passwordSource: { kind: 'driver' },
    askPassword: passwordOf(field(parameters, 'password'), target),
    options: text('options'),
    sessionOptions: text('options'),
    applicationName: undefined,
    connectTimeoutMs: undefined,
    sessionAttributes: 'any',
    tls: { ...NO_PARAMETERS, negotiation: text('sslnegotiation') === 'direct' ? 'direct' : 'postgres' },
    channelBinding: field(options, 'enableChannelBinding') === true ? 'prefer' : 'disable',
    ssl: isTlsOptions(ssl) ? ssl : ssl === true,
    stream: streamOf(field(options, 'stream')),
  })
}

function passwordOf(
  given: unknown,
  target: DriverConnection['target'] & { readonly port: number },
): DriverConnection['askPassword'] {
  if (typeof given === 'string') return () => given
  if (isFunction(given)) return async (...asked: readonly unknown[]) => stringOf(await given(...asked)) ?? ''
  return () => {
    const found = findPassword(target, process.env['PGPASSFILE'], process.env)
    return found.kind === 'found' ? found.password : ''
  }
}

function streamOf(given: unknown): (() => Duplex) | undefined {
  if (!isFunction(given)) return undefined
  return () => {
    const stream = given()
    if (stream instanceof Duplex) return stream
    throw new TypeError('the option "stream" of the pool made no stream')
  }
}

function describeOther(value: unknown): string {
  if (value === undefined || value === null) return 'it is missing'
  if (isFunction(value)) {
    return /^class\b/.test(Function.prototype.toString.call(value))
      ? `this is the class ${value.name}, not a Pool: write new Pool(…)`
      : 'a function is no database'
  }
  if (!isObject(value)) return `a ${typeof value} is no database`
  if (value instanceof Promise) return 'a Promise is no database: await it'
  const name = value.constructor?.name ?? 'Object'
  return name === 'Object' ? 'an object is no database' : `a ${name} is no Pool or Client of "pg"`
}

function field(value: object, name: string): unknown {
  return Reflect.get(value, name)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isFunction(value: unknown): value is (...args: readonly unknown[]) => unknown {
  return typeof value === 'function'
}

function isTlsOptions(value: unknown): value is ConnectionOptions {
  return isObject(value)
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
