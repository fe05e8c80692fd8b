import type { Shadow } from '../../port/shadow.ts'

/**
 * Makes the statements of a shadow end with a signal. On a server they end with their database; PGlite cannot cancel,
 * so its database in memory is lost with them.
 */
export function interruptible(shadow: Shadow, signal: AbortSignal): Shadow {
  const connect = async () => {
    signal.throwIfAborted()
    const connection = await shadow.connect()
    const end = () => connection.destroy()
    signal.addEventListener('abort', end, { once: true })
    void connection.closed.then(() => signal.removeEventListener('abort', end))
    return connection
  }
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
    connect,
    openWire: () => shadow.openWire(),
    async inRolledBackTransaction(work) {
      const connection = await connect()
      try {
        await connection.query('BEGIN')
        return await work(connection)
      } finally {
        await connection.query('ROLLBACK').catch(() => undefined)
        await connection.close()
      }
    },
    openBase: () => shadow.openBase(),
    fork: async () => interruptible(await shadow.fork(), signal),
    close: () => shadow.close(),
  }
}
