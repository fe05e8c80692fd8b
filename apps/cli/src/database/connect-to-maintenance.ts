import { type Connection, connectToServer, explainConnectFailure } from '@tidemark/pg-driver/engine'

/** The databases that every server has, to connect to while the wanted one is not there. */
const MAINTENANCE = ['postgres', 'template1']

/**
 * Connects to the server of a URL, to another database than the one it names.
 *
 * @throws {TidemarkError} TM5001 when none can be connected to.
 */
export async function connectToMaintenance(
  url: string,
  { database, timeoutMs }: { readonly database: string; readonly timeoutMs: number },
): Promise<Connection> {
  let failure: unknown
  for (const name of MAINTENANCE.filter((one) => one !== database)) {
    // The last of two equal parameters wins.
    const elsewhere = `${url}${url.includes('?') ? '&' : '?'}dbname=${name}`
    try {
      return await connectToServer({ url: elsewhere, applicationName: 'tidemark', timeoutMs })
    } catch (error) {
      failure ??= error
    }
  }
  throw explainConnectFailure(failure, url, timeoutMs)
}
