import { type Connection, type KeptConnection, keepPlans } from '@tidemark/pg-driver/engine'

/** Connections that are kept for the next target of the same database. */
export interface ConnectionPool {
  /** Gives a connection that is idle, or opens one. Connections to one server are never more than `perServer`. */
  take(key: PoolKey, open: () => Promise<Connection>): Promise<Connection>
  /** Ends every connection that is idle; those given back later are ended, too. */
  close(): Promise<void>
}

/** What makes two connections the same. */
export interface PoolKey {
  readonly server: string
  /** URL and purpose. Never printed. */
  readonly connection: string
}

interface Idle {
  readonly key: PoolKey
  readonly connection: Connection
  readonly reset: KeptConnection['reset']
}

/**
 * Makes a pool. A connection comes back as a new one would be: its settings, its locks and all that files have
 * prepared are taken away; where the server refuses that, the connection is ended.
 */
export function createConnectionPool(perServer: number): ConnectionPool {
  const idle: Idle[] = []
  const open = new Map<string, number>()
  let isClosed = false
  const count = (server: string, change: number) => open.set(server, (open.get(server) ?? 0) + change)
  const end = async ({ key, connection }: Idle) => {
    count(key.server, -1)
    await connection.close().catch(() => undefined)
  }
  const remove = (isMeant: (one: Idle) => boolean): Idle | undefined => {
    const place = idle.findLastIndex(isMeant)
    return place === -1 ? undefined : idle.splice(place, 1)[0]
  }
  const giveBack = async (one: Idle) => {
    try {
      one.connection.onNotice(null)
      await one.reset()
      if (isClosed) await end(one)
      else idle.push(one)
    } catch {
      await end(one)
    }
  }
  return {
    async take(key, openNew) {
      const known = remove((one) => one.key.connection === key.connection)
      if (known !== undefined) return lend(known, giveBack, end)
      count(key.server, 1)
      const other = (open.get(key.server) ?? 0) > perServer && remove((one) => one.key.server === key.server)
      if (other) await end(other)
      try {
        const { connection, reset } = await keepPlans(await openNew())
        const one = { key, connection, reset }
        void connection.closed.then(() => {
          if (remove((candidate) => candidate.connection === connection)) count(key.server, -1)
        })
        return lend(one, giveBack, end)
      } catch (error) {
        count(key.server, -1)
        throw error
      }
    },
    async close() {
      isClosed = true
      await Promise.all(idle.splice(0).map(end))
    },
  }
}

/** A connection whose end is that it goes back; one that was dropped does not. */
function lend(
  one: Idle,
  giveBack: (one: Idle) => Promise<void>,
  end: (one: Idle) => Promise<void>,
): Connection {
  let isOver = false
  let isDropped = false
  return {
    ...one.connection,
    destroy: () => {
      isDropped = true
      one.connection.destroy()
    },
    close: async () => {
      if (isOver) return
      isOver = true
      await (isDropped ? end(one) : giveBack(one))
    },
  }
}
