import { withTimeout } from '@tidemark/core'
import type { Connection, SessionSetting } from '../connection/connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { setConfig } from '../statement/set-config.ts'
import type { Engine } from './engine-port.ts'
import { isTransactionPooled } from './probe-pooler.ts'
import { poolerRefused, type ServerFacts } from './probe-server.ts'

/**
 * Makes sure that a connection has a server process of its own, and that the wanted settings are in force in
 * it. Behind a pooler nothing is set before that is sure, since the setting would stay for the client that is
 * served next; and what was set is discarded before such a process is given back.
 *
 * @throws TidemarkError TM5002 behind a transaction pooler.
 */
export async function claimSession(
  engine: Engine,
  connection: Connection,
  facts: ServerFacts,
): Promise<Connection> {
  if (connection.kind === 'embedded') return connection
  const lifted = facts.transactionTimeout === null ? [] : [NO_TRANSACTION_LIMIT]
  const { wantedSettings } = connection
  if (connection.processId === facts.pid) {
    const missing = wantedSettings?.given === 'not yet' ? wantedSettings : undefined
    return setAll(connection, [...(missing?.statements ?? []), ...lifted], missing?.required)
  }
  await refuseTransactionPooler(engine, connection, facts)
  const optional = [...(wantedSettings?.statements ?? []), ...lifted]
  const session = await setAll(connection, optional, wantedSettings?.required).catch(
    async (error: unknown) => {
      await sendMessage(connection, 'DISCARD ALL').catch(() => undefined)
      throw error
    },
  )
  return {
    ...session,
    processId: facts.pid,
    close: async () => {
      await sendMessage(session, 'DISCARD ALL').catch(() => undefined)
      await session.close()
    },
  }
}

/** The same for reading, which needs no process of its own: behind a pooler nothing is set. */
export async function claimReading(connection: Connection, facts: ServerFacts): Promise<Connection> {
  const isOwn = connection.kind === 'server' && connection.processId === facts.pid
  if (!isOwn) return connection
  const missing = connection.wantedSettings?.given === 'not yet' ? connection.wantedSettings : undefined
  const lifted = facts.transactionTimeout === null ? [] : [NO_TRANSACTION_LIMIT]
  return setAll(connection, [...(missing?.statements ?? []), ...lifted], missing?.required)
}

async function refuseTransactionPooler(
  engine: Engine,
  connection: Connection,
  facts: ServerFacts,
): Promise<void> {
  const second = await engine.connect('control')
  try {
    if (await isTransactionPooled(connection, facts.pid, second)) throw poolerRefused(engine.poolerHelp)
  } finally {
    await leave(second)
  }
}

/** A client that leaves in order costs the pool nothing; one whose turn never came just leaves. */
async function leave(second: Connection): Promise<void> {
  const inOrder = sendMessage(second, 'ROLLBACK').then(() => second.close())
  await withTimeout(
    inOrder.catch(() => undefined),
    { limitMs: 1000, onTimeout: () => undefined },
  )
  second.destroy()
}

/** As for `statement_timeout`: a migration sets its own limit. Not known before PostgreSQL 17. */
const NO_TRANSACTION_LIMIT = 'SET transaction_timeout = 0'

/** What the server refuses of the optional ones, such as a setting that it is too old for, is left out. */
async function setAll(
  connection: Connection,
  optional: readonly string[],
  required: readonly SessionSetting[] = [],
): Promise<Connection> {
  if (optional.length + required.length === 0) return connection
  const outcomes = await Promise.allSettled(optional.map((statement) => sendMessage(connection, statement)))
  const taken = optional.filter((_, index) => outcomes[index]?.status === 'fulfilled')
  const settings = required.map((setting) => setConfig(setting, 'session'))
  for (const statement of settings) await sendMessage(connection, statement)
  return { ...connection, sessionSettings: [...taken, ...settings] }
}
