import type { LiveDatabase } from '@tidemark/shadow'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import type { DatabaseSettings } from './require-database.ts'

/**
 * Connects to the configured database beside the ports of core: for `pg_dump`, and for what reads without a run.
 *
 * @param mode `read`: the server refuses to write
 */
export async function openLive(
  { database, connectTimeoutMs }: DatabaseSettings,
  mode: 'read' | 'write' = 'read',
): Promise<LiveDatabase> {
  if (isEmbeddedUrl(database)) {
    const { createEmbeddedDatabase } = await import('@tidemark/embedded')
    const live = createEmbeddedDatabase({ database })
    return { connect: () => live.connect('tidemark'), openWire: () => live.openWire('tidemark') }
  }
  const { connectToServer, explainConnectFailure, openWire } = await import('@tidemark/pg-driver/engine')
  const options = {
    url: database,
    applicationName: 'tidemark',
    timeoutMs: connectTimeoutMs,
    ...(mode === 'read' ? { startupOptions: '-c default_transaction_read_only=on' } : {}),
  }
  return {
    connect: () =>
      connectToServer(options).catch((error: unknown) => {
        throw explainConnectFailure(error, database, connectTimeoutMs)
      }),
    openWire: () => openWire(options),
  }
}
