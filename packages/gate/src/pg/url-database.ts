import type { GateDatabase } from '../status/query-status.ts'
import { type OpenedClient, openClient } from './open-client.ts'

/** A gate's own connection to a URL: made for a check, given back two seconds after the last one. */
export interface OpenedUrl extends GateDatabase {
  end(): Promise<void>
}

interface Line extends OpenedClient {
  busy: boolean
}

const IDLE_MS = 2000

/**
 * Opens nothing yet. Only a question keeps the process alive. One that comes before the last is answered has a connection of its own: what
 * went silent stays silent for many minutes.
 */
export function openUrl(url: string): OpenedUrl {
  let line: Line | undefined
  let idle: ReturnType<typeof setTimeout> | undefined
  let ending: Promise<unknown> = Promise.resolve()

  function open(): Line {
    const fresh = { ...openClient(url), busy: false }
    void fresh.over.then(() => drop(fresh))
    return fresh
  }

  function drop(lost: Line | undefined): void {
    if (lost === undefined || lost !== line) return
    clearTimeout(idle)
    line = undefined
    ending = Promise.all([ending, lost.end()])
  }

  function rest(used: Line): void {
    used.busy = false
    used.hold(false)
    if (used !== line) return
    idle = setTimeout(drop, IDLE_MS, used)
    idle.unref()
  }

  return {
    async query(text, values) {
      clearTimeout(idle)
      if (line?.busy) drop(line)
      line ??= open()
      const used = line
      used.busy = true
      used.hold(true)
      try {
        const client = await used.connected
        const answer = await client.query(text, values)
        rest(used)
        return answer
      } catch (error) {
        drop(used)
        throw error
      }
    },
    async end() {
      drop(line)
      await ending
    },
  }
}
