import type { GateDatabase } from '../status/query-status.ts'
import { type OpenedClient, openClient } from './open-client.ts'

/** A gate's own connection to a URL: opened for a check, closed two seconds after the last one. */
export interface UrlDatabase extends GateDatabase {
  end(): Promise<void>
}

interface Connection extends OpenedClient {
  busy: boolean
}

const IDLE_MS = 2000

/**
 * Makes a database that connects with its first query. Only a running query keeps the process alive. A query
 * that comes before the last one has returned gets a new connection: the old one may be silent for many
 * minutes.
 */
export function createUrlDatabase(url: string): UrlDatabase {
  let current: Connection | undefined
  let idle: ReturnType<typeof setTimeout> | undefined
  let ending: Promise<unknown> = Promise.resolve()

  function open(): Connection {
    const opened = { ...openClient(url), busy: false }
    void opened.over.then(() => drop(opened))
    return opened
  }

  function drop(dropped: Connection | undefined): void {
    if (dropped === undefined || dropped !== current) return
    clearTimeout(idle)
    current = undefined
    ending = Promise.all([ending, dropped.end()])
  }

  function release(used: Connection): void {
    used.busy = false
    used.hold(false)
    if (used !== current) return
    idle = setTimeout(drop, IDLE_MS, used)
    idle.unref()
  }

  return {
    async query(text, values) {
      clearTimeout(idle)
      if (current?.busy) drop(current)
      current ??= open()
      const used = current
      used.busy = true
      used.hold(true)
      try {
        const client = await used.connected
        const result = await client.query(text, values)
        release(used)
        return result
      } catch (error) {
        drop(used)
        throw error
      }
    },
    async end() {
      drop(current)
      await ending
    },
  }
}

/** Makes a database that connects for each query and closes the connection after it. */
export function openForChecks(url: string): UrlDatabase {
  const open = new Set<UrlDatabase>()
  const close = async (used: UrlDatabase): Promise<void> => {
    await used.end()
    open.delete(used)
  }
  return {
    async query(text, values) {
      const used = createUrlDatabase(url)
      open.add(used)
      try {
        return await used.query(text, values)
      } finally {
        void close(used)
      }
    },
    async end() {
      await Promise.all([...open].map(close))
    },
  }
}
