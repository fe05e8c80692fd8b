import type pg from 'pg'
import type { GateListener } from '../options.ts'
import { type OpenedClient, openClient } from './open-client.ts'

const CHANNEL = 'tidemark'
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/**
 * Listens for the end of runs on a connection of its own, and reconnects when that is lost. Behind a pooler,
 * which delivers no notifications, it gives up for good. It keeps no process alive.
 *
 * @param schema notifications that name another schema of tracking tables are ignored.
 */
export function createNotificationListener(url: string, schema: string): GateListener {
  let current: OpenedClient | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let closing: Promise<unknown> = Promise.resolve()
  let pauseMs = FIRST_PAUSE_MS
  let usable = true
  let wanted = false

  async function connect(wake: () => void): Promise<void> {
    const opened = openClient(url)
    opened.hold(false)
    current = opened
    void opened.over.then(() => reconnect(opened, wake))
    try {
      const client = await opened.connected
      client.on('notification', ({ payload }) => {
        if (concerns(payload, schema)) wake()
      })
      usable = await isDirect(client)
      if (!usable) throw new Error('a pooler delivers no notifications')
      await client.query(`LISTEN ${CHANNEL}`)
      pauseMs = FIRST_PAUSE_MS
      wake()
    } catch {
      reconnect(opened, wake)
    }
  }

  function reconnect(lost: OpenedClient, wake: () => void): void {
    if (current !== lost) return
    drop()
    if (!wanted || !usable) return
    timer = setTimeout(() => void connect(wake), pauseMs)
    timer.unref()
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
  }

  function drop(): void {
    const dropped = current
    current = undefined
    if (dropped !== undefined) closing = Promise.all([closing, dropped.end()])
  }

  return {
    start(wake) {
      if (wanted || !usable) return
      wanted = true
      void connect(wake)
    },
    async stop() {
      wanted = false
      clearTimeout(timer)
      drop()
      await closing
    },
  }
}

/**
 * Behind a pooler the process id that the client got on connecting is not that of the server process that
 * answers.
 */
async function isDirect(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid')
  return 'processID' in client && client.processID === rows[0]?.pid
}

function concerns(payload: string | undefined, schema: string): boolean {
  try {
    const sent: unknown = JSON.parse(payload ?? '')
    return typeof sent !== 'object' || sent === null || !('schema' in sent) || sent.schema === schema
  } catch {
    return true
  }
}
