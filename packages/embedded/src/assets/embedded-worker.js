/**
 * The worker thread in which PGlite runs. It is one file of plain JavaScript without relative imports, so that it
 * works the same from source, from `dist`, and copied beside a bundle.
 *
 * It behaves like a socket with a PostgreSQL server behind it: bytes of the frontend protocol arrive on `port`, bytes
 * of the backend protocol leave on it. While a statement waits for more input (COPY data, half a message) the thread
 * blocks on `signal`; between statements its event loop turns.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'

/** @typedef {import('../worker-messages.ts').ToWorker} ToWorker */
/** @typedef {import('../worker-messages.ts').FromWorker} FromWorker */

/** @type {import('../worker-messages.ts').WorkerOptions} */
const { location, initialise, templatePath, archives, settings, port, signal } = workerData

/** PGlite's own parameters without `-O` and `search_path=public`, which a server does not have. */
const START_PARAMETERS = [
  ...['--single', '-F', '-j'],
  ...[
    'exit_on_error=false',
    'log_checkpoints=false',
    'max_worker_processes=0',
    'max_parallel_workers=0',
  ].flatMap(c),
  ...['max_parallel_workers_per_gather=0', 'max_parallel_maintenance_workers=0', 'io_method=sync'].flatMap(c),
]

/** Chunks of this size and more are acknowledged, so that COPY data is back-pressured. The other side has the same number. */
const LARGE_BYTES = 16_384

/** Says that a layout was begun; `template.ts` has the same name. */
const LAYOUT_MARK = 'tidemark.layout'

/** What PGlite's exit status says when a statement failed and the main loop is to be entered again. */
const LONGJMP_STATUS = 100

/** Values of `GucContext` and `GucSource` (guc.h), the same since PostgreSQL 9.5. */
const PGC_BACKEND = 4
const PGC_S_OVERRIDE = 10

/** @param {string} setting */
function c(setting) {
  return ['-c', setting]
}

/**
 * Reads a tar archive made by PGlite: regular files and directories only.
 *
 * @param {Buffer} tar
 */
function* readTar(tar) {
  const field = (/** @type {number} */ start, /** @type {number} */ length) =>
    tar.toString('utf8', start, start + length).replace(/\0.*$/s, '')
  let at = 0
  while (at + 512 <= tar.length && tar[at] !== 0) {
    const prefix = tar.toString('latin1', at + 257, at + 262) === 'ustar' ? field(at + 345, 155) : ''
    const name = `${prefix === '' ? '' : `${prefix}/`}${field(at, 100)}`.replace(/^\.?\/+/, '')
    const sizeBytes = Number.parseInt(field(at + 124, 12), 8) || 0
    const isDirectory = field(at + 156, 1) === '5' || name.endsWith('/')
    yield { name, isDirectory, bytes: tar.subarray(at + 512, at + 512 + sizeBytes) }
    at += 512 + Math.ceil(sizeBytes / 512) * 512
  }
}

/**
 * Lays out the template. `PG_VERSION` comes last: a directory that has it is complete, whatever killed the process.
 *
 * @param {string} directory
 * @param {Buffer} tar
 */
function layOut(directory, tar) {
  /** @type {Buffer | undefined} */
  let version
  const mark = join(directory, LAYOUT_MARK)
  writeFileSync(mark, '')
  for (const { name, isDirectory, bytes } of readTar(tar)) {
    const path = join(directory, name)
    mkdirSync(isDirectory ? path : dirname(path), { recursive: true, mode: 0o700 })
    if (name === 'PG_VERSION') version = bytes
    else if (!isDirectory) writeFileSync(path, bytes, { mode: 0o600 })
  }
  if (version === undefined) throw new TypeError('the template holds no PG_VERSION')
  writeFileSync(join(directory, 'PG_VERSION'), version, { mode: 0o600 })
  rmSync(mark, { force: true })
}

async function start() {
  const startParams = [...START_PARAMETERS, ...settings.flatMap(c)]
  const template = () => decompress(readFileSync(templatePath), templatePath)
  if (location !== null && initialise) layOut(location, template())
  const pglite = await (location === null
    ? PGlite.create({ loadDataDir: new Blob([template()]), startParams })
    : PGlite.create({ dataDir: `file://${location}`, startParams }))
  await setAuthenticatedUser(pglite)
  const installed = await pglite.query('SELECT extname FROM pg_catalog.pg_extension')
  const paths = installed.rows.map((row) => archives[/** @type {{ extname: string }} */ (row).extname])
  for (const path of new Set(paths)) if (path !== undefined) unpackArchive(pglite, path)
  return pglite
}

/**
 * A template is `.tar.br`, as shipped, or `.tar.gz`, as saved.
 *
 * @param {Buffer} bytes
 * @param {string} path
 */
function decompress(bytes, path) {
  return path.endsWith('.gz') ? gunzipSync(bytes) : brotliDecompressSync(bytes)
}

/**
 * Tells PostgreSQL which user `RESET SESSION AUTHORIZATION` returns to: without a login it has none and
 * keeps the current one. Done as after a login (`InitializeSessionUserId`), in a transaction, since the name is looked up.
 *
 * @param {PGlite} pglite
 */
async function setAuthenticatedUser(pglite) {
  const { rows } = await pglite.query('SELECT session_user::text AS name')
  const [{ name }] = /** @type {[{ name: string }]} */ (rows)
  /** @type {any} */
  const module = pglite.Module
  await pglite.query('BEGIN')
  module._SetConfigOption(
    toPointer(module, 'session_authorization'),
    toPointer(module, name),
    PGC_BACKEND,
    PGC_S_OVERRIDE,
  )
  await pglite.query('COMMIT')
}

/** Copies a name into PostgreSQL's memory, for good. @param {any} module @param {string} text */
function toPointer(module, text) {
  const bytes = new TextEncoder().encode(`${text}\0`)
  const pointer = module._malloc(bytes.length)
  new Uint8Array(module.wasmMemory.buffer).set(bytes, pointer)
  return pointer
}

/** @param {FromWorker} message @param {ArrayBuffer[]} [transfer] */
function post(message, transfer = []) {
  port.postMessage(message, transfer)
}

/** @param {PGlite} pglite */
function serve(pglite) {
  const module = pglite.Module
  /** @type {Uint8Array[]} */
  const input = []
  let closing = false

  /** @param {ToWorker} message */
  const accept = (message) => {
    if (message.kind === 'bytes') input.push(message.bytes)
    else if (message.kind === 'archive') unpackArchive(pglite, message.path)
    else if (message.kind === 'save') void save(pglite, message.path)
    else closing = true
  }
  const waitForInput = () => {
    while (input.length === 0 && !closing) {
      const seen = Atomics.load(signal, 0)
      const received = receiveMessageOnPort(port)
      if (received !== undefined) accept(received.message)
      else Atomics.wait(signal, 0, seen)
    }
  }
  const read = module.addFunction((/** @type {number} */ pointer, /** @type {number} */ length) => {
    waitForInput()
    const chunk = input.shift()
    if (chunk === undefined) return 0
    const taken = chunk.subarray(0, length)
    if (taken.length < chunk.length) input.unshift(chunk.subarray(length))
    else if (chunk.byteOffset + chunk.length >= LARGE_BYTES) post({ kind: 'taken' })
    new Uint8Array(module.wasmMemory.buffer).set(taken, pointer)
    return taken.length
  }, 'ipi')
  const write = module.addFunction((/** @type {number} */ pointer, /** @type {number} */ length) => {
    const bytes = new Uint8Array(module.wasmMemory.buffer).slice(pointer, pointer + length)
    post({ kind: 'bytes', bytes }, [bytes.buffer])
    return length
  }, 'ipi')
  module._pgl_set_rw_cbs(read, write)
  const statementTimeoutMs = readTimeout(module)

  const answer = () => {
    while (input.length > 0 || module._pq_buffer_remaining_data() > 0) {
      if (input[0]?.[0] === 0) startUp(module)
      else {
        const timeoutMs = statementTimeoutMs()
        if (timeoutMs > 0) post({ kind: 'started', timeoutMs })
        runOne(module)
      }
    }
    module._PostgresSendReadyForQueryIfNecessary()
    module._pgl_pq_flush()
  }
  port.on('message', (message) => {
    accept(message)
    if (input.length > 0) answer()
    if (closing) void pglite.close().then(() => port.close())
  })
}

/** @param {PGlite['Module']} module */
function startUp(module) {
  module._ProcessStartupPacket(module._pgl_getMyProcPort(), true, true)
  module._pgl_sendConnData()
  module._pgl_pq_flush()
}

/** Handles one message of the protocol. @param {PGlite['Module']} module */
function runOne(module) {
  const stack = module.stackSave()
  try {
    module._PostgresMainLoopOnce()
  } catch (error) {
    module.stackRestore(stack)
    if (!(error instanceof Object && 'status' in error && error.status === LONGJMP_STATUS)) throw error
    module._PostgresMainLongJmp()
  }
}

/** Reads `statement_timeout` where PostgreSQL keeps it: it has no effect of its own here. @param {any} module */
function readTimeout(module) {
  const pointer = toPointer(module, 'statement_timeout')
  return () => Number(module.UTF8ToString(module._GetConfigOption(pointer, true, false)))
}

/**
 * Writes the data directory, as it was at the last checkpoint, as an archive that is a template.
 *
 * @param {PGlite} pglite
 * @param {string} path
 */
async function save(pglite, path) {
  try {
    const tar = await pglite.dumpDataDir('none')
    writeFileSync(path, gzipSync(await tar.arrayBuffer(), { level: 1 }), { mode: 0o600 })
    post({ kind: 'saved', failure: null })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    post({ kind: 'saved', failure: { code, reason: error instanceof Error ? error.message : String(error) } })
  }
}

/**
 * Makes an extension available to the running database: from an archive, or from the folder of one without a
 * library.
 *
 * @param {PGlite} pglite
 * @param {string} path
 */
function unpackArchive(pglite, path) {
  if (!path.endsWith('.gz')) {
    for (const name of readdirSync(path))
      pglite.copyToFS(
        `${pglite.Module.WASM_PREFIX}/share/postgresql/extension/${name}`,
        readFileSync(join(path, name)),
      )
    return
  }
  for (const { name, isDirectory, bytes } of readTar(gunzipSync(readFileSync(path)))) {
    if (!isDirectory) pglite.copyToFS(`${pglite.Module.WASM_PREFIX}/${name}`, bytes)
  }
}

try {
  serve(await start())
  post({ kind: 'ready' })
} catch (error) {
  post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  port.close()
}
