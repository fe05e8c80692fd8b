import { TidemarkError } from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'

/** The advisory lock of the process whose turn it is. */
const LOCK = `${0x7469_6465}, 0` // "tide", in decimal: servers before 16 know no other

/** How long another process is waited for. */
const WAIT = '10min'

interface Turn {
  readonly connection: Promise<Connection>
  users: number
}

/** The turns of this process, by the URL of the server: its own shadows need not wait for each other. */
const turns = new Map<string, Turn>()

/**
 * Waits until no other process has shadows on a server that is there for shadows alone: roles and the like are
 * the same for all databases, and would be in each other's way. The turn ends with the process at the latest.
 *
 * @returns what ends the turn.
 * @throws TidemarkError TM5050 when the other process takes too long.
 */
export async function takeTurn(
  url: string,
  connect: () => Promise<Connection>,
): Promise<() => Promise<void>> {
  const turn = turns.get(url) ?? { connection: waitForTurn(connect), users: 0 }
  turns.set(url, turn)
  turn.users += 1
  const leave = async (): Promise<void> => {
    turn.users -= 1
    if (turn.users > 0) return
    turns.delete(url)
    await (await turn.connection).close()
  }
  try {
    await turn.connection
    return leave
  } catch (error) {
    turns.delete(url)
    throw error
  }
}

async function waitForTurn(connect: () => Promise<Connection>): Promise<Connection> {
  const connection = await connect()
  try {
    await connection.query(`SET lock_timeout = '${WAIT}'`)
    await connection.query(`SELECT pg_catalog.pg_advisory_lock(${LOCK})`)
    return connection
  } catch (error) {
    await connection.close()
    throw isServerError(error) && error.code === '55P03' ? busy(error) : error
  }
}

function busy(cause: Error): TidemarkError {
  return new TidemarkError({
    code: 'TM5050',
    message: `the shadow server is in use by another process, also after ${WAIT.replace('min', ' minutes')}`,
    help: 'with `shadowDisposable` processes take turns on a server: wait for the other one, or end it',
    cause,
  })
}
