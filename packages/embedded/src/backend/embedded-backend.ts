import { createMessageFramer, WIRE } from '@tidemark/pg-driver/engine'
import { type BackendWorker, type BackendWorkerOptions, startBackendWorker } from '../backend-worker.ts'
import { type ExtensionArchives, extensionArchivePaths } from '../extensions/extension-archives.ts'
import type { SaveFailure } from '../worker-messages.ts'
import { createSessionSender } from './session-sender.ts'
import { SessionSocket } from './session-socket.ts'
import {
  createClient,
  createTurns,
  leaveTurns,
  type SessionClient,
  settleAnswer,
  type Turns,
  takeMessage,
} from './session-turns.ts'
import { timeoutResponse, unavailableExtensionHint } from './wire-answers.ts'

/** A running embedded database to which clients connect. It has one session, which they take in turns. */
export interface EmbeddedBackend {
  /** A socket for one client of `pg`. A client waits while another has a statement or a transaction open. */
  openSocket(): SessionSocket
  /** Resolves when nothing runs any more for a client that has left. */
  settled(): Promise<void>
  /**
   * Writes the data directory, as it was at the last checkpoint, to a file that a database can start from.
   * Null when it is written.
   */
  save(path: string): Promise<SaveFailure | null>
  /** Checkpoints and ends the database; no client may be connected. */
  close(): Promise<void>
  /** Ends the thread at once. In memory everything is gone; a directory recovers when it is next opened. */
  terminate(): Promise<void>
  readonly exited: Promise<Error | null>
}

/** Options of {@link startEmbeddedBackend}. */
export interface EmbeddedBackendOptions {
  readonly location: string | null
  readonly initialise: boolean
  readonly templatePath: string
  /** Settings that the session starts with, each `name=value`. */
  readonly settings: readonly string[]
  readonly extensions: ExtensionArchives
}

/** Starts PGlite in its thread and hands its one session to clients in turns. */
export async function startEmbeddedBackend({
  extensions,
  ...options
}: EmbeddedBackendOptions): Promise<EmbeddedBackend> {
  // Nothing is answered before something was sent.
  let receive: BackendWorkerOptions['onMessage'] = () => {}
  const worker = await startBackendWorker({
    ...options,
    archives: extensionArchivePaths(extensions),
    onMessage: (message) => receive(message),
  })
  worker.unref()
  let closing = false
  const sender = createSessionSender(worker, extensions)
  const turns = createTurns({ worker, send: sender.send, onAllLeft: () => closing || worker.unref() })
  const deadline = createDeadline(turns)
  const answer = createAnswering(turns, deadline, extensions)
  const saves: ((failure: SaveFailure | null) => void)[] = []
  receive = (message) => {
    if (message.kind === 'bytes') answer(message.bytes)
    else if (message.kind === 'taken') sender.acknowledge()
    else if (message.kind === 'saved') saves.shift()?.(message.failure)
    else deadline.start(message.timeoutMs)
  }
  void worker.exited.then((reason) => {
    deadline.clear()
    const lost = reason ?? new Error('the embedded database was closed')
    for (const client of turns.clients) client.lost(lost)
    for (const settle of saves.splice(0)) settle({ code: '', reason: lost.message })
  })
  return {
    openSocket: () => openSocket(turns, worker),
    settled: () => turns.settled,
    save: (path) =>
      new Promise((resolve) => {
        saves.push(resolve)
        worker.send({ kind: 'save', path })
      }),
    close: async () => {
      closing = true
      worker.ref()
      worker.send({ kind: 'close' })
      await worker.exited
    },
    terminate: () => worker.terminate(),
    exited: worker.exited,
  }
}

interface Deadline {
  start(timeoutMs: number): void
  clear(): void
}

/** The `statement_timeout` of a statement: PGlite cannot cancel, so the thread is ended. */
function createDeadline(turns: Turns): Deadline {
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    turns.owner?.deliver(timeoutResponse())
    void turns.worker.terminate()
  }
  return {
    start: (timeoutMs) => {
      timer ??= setTimeout(end, timeoutMs)
    },
    clear: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** Hands the session's answers to the client whose turn it is. */
function createAnswering(
  turns: Turns,
  deadline: Deadline,
  extensions: ExtensionArchives,
): (bytes: Uint8Array) => void {
  const frame = createMessageFramer('backend')
  return (bytes) => {
    const answers = frame(bytes).map((message) => unavailableExtensionHint(message, extensions))
    if (answers.length > 0) turns.owner?.deliver(Buffer.concat(answers.map((message) => message.bytes)))
    for (const message of answers) {
      if (message.type !== WIRE.readyForQuery) continue
      deadline.clear()
      settleAnswer(turns, message)
    }
  }
}

function openSocket(turns: Turns, worker: BackendWorker): SessionSocket {
  const frame = createMessageFramer('frontend')
  const socket = new SessionSocket({
    onConnect: () => worker.ref(),
    onBytes: (bytes, done) => {
      const messages = frame(bytes)
      const last = messages.pop()
      for (const message of messages) takeMessage(turns, client, message)
      if (last?.type === WIRE.terminate) client.saidGoodbye = true
      if (last === undefined || client.saidGoodbye) done()
      else takeMessage(turns, client, last, done)
    },
    onClose: () => leaveTurns(turns, client),
  })
  const client: SessionClient = createClient({
    deliver: (bytes) => socket.push(bytes),
    lost: (reason) => socket.destroy(reason),
  })
  turns.clients.add(client)
  return socket
}
