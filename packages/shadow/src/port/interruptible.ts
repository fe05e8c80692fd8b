import type { Migration } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from './shadow.ts'

/** Opens a shadow with some migrations, such as `openShadow` with the options of a project. */
export type OpenShadow = (migrations: readonly Migration[], signal?: AbortSignal) => Promise<Shadow>

/**
 * Makes the statements of a shadow end with a signal. On a server they end with their session; PGlite cannot cancel,
 * so its database in memory is lost with them.
 */
export function interruptible(shadow: Shadow, signal: AbortSignal): Shadow {
  return {
    engine: shadow.engine,
    schema: shadow.schema,
    serverVersion: shadow.serverVersion,
    restored: shadow.restored,
    notes: shadow.notes,
    database: shadow.database,
    get applied() {
      return shadow.applied
    },
    get notChecked() {
      return shadow.notChecked
    },
    get standIns() {
      return shadow.standIns
    },
    apply: (migrations) => shadow.apply(migrations, signal),
    async connect() {
      signal.throwIfAborted()
      const connection = await shadow.connect()
      void connection.closed.then(endWith(connection, signal))
      return connection
    },
    openWire: () => shadow.openWire(),
    inRolledBackTransaction(work) {
      signal.throwIfAborted()
      return shadow.inRolledBackTransaction(endingWith(signal, work))
    },
    keepTrial(migration, work) {
      signal.throwIfAborted()
      return shadow.keepTrial(migration, endingWith(signal, work))
    },
    async openBase() {
      const base = await shadow.openBase()
      return base && interruptible(base, signal)
    },
    fork: async () => interruptible(await shadow.fork(), signal),
    close: () => shadow.close(),
  }
}

/** Makes what opens shadows open such whose statements end with a signal. */
export function openInterruptible(open: OpenShadow, signal: AbortSignal | undefined): OpenShadow {
  if (signal === undefined) return open
  return async (migrations) => interruptible(await open(migrations, signal), signal)
}

/** Does something that a signal may end: once it was given, its reason is thrown, whatever its end caused. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await work
  } finally {
    signal?.throwIfAborted()
  }
}

/** Makes work end with a signal. */
function endingWith<T>(
  signal: AbortSignal,
  work: (connection: Connection) => Promise<T>,
): (connection: Connection) => Promise<T> {
  return async (connection) => {
    const leave = endWith(connection, signal)
    try {
      return await work(connection)
    } finally {
      leave()
    }
  }
}

/** @returns gives up waiting for the signal. */
function endWith(connection: Connection, signal: AbortSignal): () => void {
  const end = () => connection.destroy()
  // It may have come while the connection was opened: then no event comes any more.
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  return () => signal.removeEventListener('abort', end)
}
