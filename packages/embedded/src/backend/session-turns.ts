import { WIRE, type WireMessage, writeMessage } from '@tidemark/pg-driver/engine'
import type { BackendWorker } from '../backend-worker.ts'

/** A client of the one session. */
export interface SessionClient {
  readonly deliver: (bytes: Uint8Array) => void
  readonly lost: (reason: Error) => void
  /** Messages that wait for the turn. */
  readonly backlog: WireMessage[]
  /** Statements (or batches up to a Sync) that are not answered yet. */
  unanswered: number
  /** It ended in order: what it sent before is still carried out. */
  saidGoodbye: boolean
}

/** What {@link createTurns} is wired to. */
export interface TurnsOptions {
  readonly worker: Pick<BackendWorker, 'terminate' | 'exited'>
  /** Sends a message to the session; calls back when the client may send more. */
  readonly send: (message: WireMessage, onTaken: () => void) => void
  /** Called when the session is idle and nobody is connected. */
  readonly onAllLeft: () => void
}

/** Whose turn it is on the one session. */
export interface Turns extends TurnsOptions {
  readonly clients: Set<SessionClient>
  /** Sends what tidies up between clients. */
  readonly housekeeper: SessionClient
  /** The client that has a statement or a transaction open. */
  owner: SessionClient | undefined
  /** Resolves when nothing runs any more for a client that has left. */
  settled: Promise<void>
  settle: () => void
}

/** How long the answer to a statement may be on its way after its client has gone. */
const GRACE_MS = 50

const COPY_MESSAGES: ReadonlySet<number> = new Set(Buffer.from('dcf'))
const ASKS_FOR_ANSWER: ReadonlySet<number> = new Set([0, WIRE.query, WIRE.sync, WIRE.functionCall])

/** Makes the turns of a session that nobody uses yet. */
export function createTurns(options: TurnsOptions): Turns {
  return {
    ...options,
    clients: new Set(),
    housekeeper: createClient({ deliver: () => {}, lost: () => {} }),
    owner: undefined,
    settled: Promise.resolve(),
    settle: () => {},
  }
}

/** Makes a client that has sent nothing yet. */
export function createClient(ends: Pick<SessionClient, 'deliver' | 'lost'>): SessionClient {
  return { ...ends, backlog: [], unanswered: 0, saidGoodbye: false }
}

/** Sends a client's message now, or when its turn comes. Data of a COPY that was refused is dropped. */
export function takeMessage(
  turns: Turns,
  client: SessionClient,
  message: WireMessage,
  onTaken: () => void = () => {},
): void {
  if (turns.owner !== client) {
    const isStray = COPY_MESSAGES.has(message.type)
    if (isStray || turns.owner !== undefined) {
      if (!isStray) client.backlog.push(message)
      onTaken()
      return
    }
    turns.owner = client
  }
  if (ASKS_FOR_ANSWER.has(message.type)) client.unanswered += 1
  turns.send(message, onTaken)
}

/** Notes a ReadyForQuery: the turn ends with the transaction. */
export function settleAnswer(turns: Turns, ready: WireMessage): void {
  const { owner, clients, housekeeper } = turns
  if (owner === undefined) return
  owner.unanswered -= 1
  if (owner.unanswered > 0) return
  const isIdle = ready.bytes[5] === 0x49 // I: no transaction is open
  if (owner !== housekeeper && !clients.has(owner)) releaseTurn(turns)
  else if (isIdle) giveTurn(turns)
}

/**
 * Takes a client out: its transaction is rolled back, and a statement that runs is ended unless the client
 * left in order.
 */
export function leaveTurns(turns: Turns, client: SessionClient): void {
  if (!turns.clients.delete(client)) return
  client.backlog.length = 0
  if (turns.owner !== client) tidyUp(turns)
  else if (client.unanswered === 0) releaseTurn(turns)
  else awaitAnswer(turns, client)
}

function awaitAnswer(turns: Turns, client: SessionClient): void {
  const { exited, terminate } = turns.worker
  turns.settled = new Promise((resolve) => {
    turns.settle = resolve
  })
  void exited.then(turns.settle)
  if (client.saidGoodbye) return
  // A statement that runs can be ended in no other way; one that just failed is answered within the grace.
  const grace = setTimeout(() => turns.owner === client && void terminate(), GRACE_MS)
  void exited.then(() => clearTimeout(grace))
}

function giveTurn(turns: Turns): void {
  turns.owner = undefined
  const next = [turns.housekeeper, ...turns.clients].find(({ backlog }) => backlog.length > 0)
  if (next !== undefined) for (const message of next.backlog.splice(0)) takeMessage(turns, next, message)
  else if (turns.clients.size === 0) turns.onAllLeft()
}

function releaseTurn(turns: Turns): void {
  turns.settle()
  turns.owner = undefined
  execute(turns, 'ROLLBACK')
  tidyUp(turns)
}

/**
 * Nothing of a session reaches the next one; while others are connected their settings and locks must stay.
 */
function tidyUp(turns: Turns): void {
  if (turns.clients.size === 0) execute(turns, 'DISCARD ALL')
}

function execute(turns: Turns, sql: string): void {
  takeMessage(turns, turns.housekeeper, { type: WIRE.query, bytes: writeMessage(WIRE.query, `${sql}\0`) })
}
