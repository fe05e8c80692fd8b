import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A link of a round trip of so many milliseconds to a port of this machine. */
export interface SlowLink {
  readonly port: number
  close(): void
}

/**
 * Opens a {@link SlowLink}, kept by a process of its own, so that waiting for the tools that use it does not
 * hold it up.
 */
export async function openSlowLink(port: number, roundTripMs: number): Promise<SlowLink> {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'relay.mjs')
  const relay = spawn(process.execPath, [script, String(port), String(roundTripMs / 2)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [first] = await once(relay.stdout, 'data')
  return { port: Number(String(first)), close: () => void relay.stdin.end() }
}
