import { type BackendWorker, startBackendWorker } from './backend-worker.ts'
import { extensionArchivePaths, findExtensionArchives } from './extension-archives.ts'
import { createMessageFramer, readSql, WIRE, type WireMessage } from './message-framer.ts'
import { SessionSocket } from './session-socket.ts'
import { timeoutResponse, unavailableExtensionHint } from './wire-answers.ts'
import { LARGE_BYTES } from './worker-messages.ts'

/** A running embedded database to which clients connect. It has one session, which they take in turns. */
export interface EmbeddedBackend {
  /** A socket for one client of `pg`. A client waits while another has a statement or a transaction open. */
  openSocket(): SessionSocket
  /** Resolves when nothing runs any more for a client that has left. */
  settled(): Promise<void>
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
}

interface Client {
  readonly deliver: (bytes: Uint8Array) => void
  readonly lost: (reason: Error) => void
  /** Messages that wait for the turn. */
  readonly backlog: WireMessage[]
  /** Statements (or batches up to a Sync) that are not answered yet. */
  unanswered: number
  /** It ended in order: what it sent before is still carried out. */
  saidGoodbye: boolean
}

/** How long the answer to a statement may be on its way after its client has gone. */
const GRACE_MS = 50

const COPY_MESSAGES: ReadonlySet<number> = new Set(Buffer.from('dcf'))
const ASKS_FOR_ANSWER: ReadonlySet<number> = new Set([0, WIRE.query, WIRE.sync, WIRE.functionCall])

/** Starts PGlite in its thread and hands its one session to clients in turns. */
export async function startEmbeddedBackend(options: EmbeddedBackendOptions): Promise<EmbeddedBackend> {
  const clients = new Set<Client>()
  const loaded = new Set<string>()
  const acknowledgements: (() => void)[] = []
  let owner: Client | undefined
  let closing = false
  let settled: Promise<void> = Promise.resolve()
  let settle = (): void => {}
  let deadline: NodeJS.Timeout | undefined
  const housekeeper: Client = {
    deliver: () => {},
    lost: () => {},
    backlog: [],
    unanswered: 0,
    saidGoodbye: false,
  }

  const frameAnswers = createMessageFramer('backend')
  const worker: BackendWorker = await startBackendWorker({
    ...options,
    archives: extensionArchivePaths(),
    onMessage: (message) => {
      if (message.kind === 'bytes') answer(message.bytes)
      else if (message.kind === 'taken') acknowledgements.shift()?.()
      else deadline ??= setTimeout(endByTimeout, message.timeoutMs)
    },
  })
  worker.unref()
  void worker.exited.then((reason) => {
    clearTimeout(deadline)
    for (const client of clients) client.lost(reason ?? new Error('the embedded database was closed'))
  })

  function endByTimeout(): void {
    owner?.deliver(timeoutResponse())
    void worker.terminate()
  }

  function answer(bytes: Uint8Array): void {
    const receiver = owner
    const answers = frameAnswers(bytes).map((message) => unavailableExtensionHint(message))
    if (answers.length > 0) receiver?.deliver(Buffer.concat(answers.map((message) => message.bytes)))
    for (const message of answers) if (message.type === WIRE.readyForQuery) settleAnswer(message)
  }

  function settleAnswer(ready: WireMessage): void {
    clearTimeout(deadline)
    deadline = undefined
    if (owner === undefined) return
    owner.unanswered -= 1
    if (owner.unanswered > 0) return
    const isIdle = ready.bytes[5] === 0x49 // I: no transaction is open
    if (owner !== housekeeper && !clients.has(owner)) release()
    else if (isIdle) giveTurn()
  }

  function giveTurn(): void {
    owner = undefined
    const next =
      housekeeper.backlog.length > 0 ? housekeeper : [...clients].find((client) => client.backlog.length > 0)
    if (next === undefined) {
      if (clients.size === 0 && !closing) worker.unref()
      return
    }
    for (const message of next.backlog.splice(0)) take(next, message)
  }

  function take(client: Client, message: WireMessage, onTaken?: () => void): void {
    if (owner !== client) {
      const isStray = COPY_MESSAGES.has(message.type) // data of a COPY that was refused
      if (!isStray && owner !== undefined) client.backlog.push(message)
      if (isStray || owner !== undefined) {
        onTaken?.()
        return
      }
      owner = client
    }
    if (ASKS_FOR_ANSWER.has(message.type)) client.unanswered += 1
    loadArchives(readSql(message))
    if (message.bytes.length >= LARGE_BYTES) acknowledgements.push(onTaken ?? (() => {}))
    else onTaken?.()
    worker.send({ kind: 'bytes', bytes: message.bytes.slice() })
  }

  function loadArchives(sql: string | undefined): void {
    for (const path of sql === undefined ? [] : findExtensionArchives(sql)) {
      if (loaded.has(path)) continue
      loaded.add(path)
      worker.send({ kind: 'archive', path })
    }
  }

  function execute(sql: string): void {
    take(housekeeper, { type: WIRE.query, bytes: queryMessage(sql) })
  }

  function leave(client: Client): void {
    if (!clients.delete(client)) return
    client.backlog.length = 0
    if (owner !== client) tidyUp()
    else if (client.unanswered === 0) release()
    else {
      settled = new Promise((resolve) => {
        settle = resolve
      })
      void worker.exited.then(settle)
      if (client.saidGoodbye) return
      // A statement that runs can be ended in no other way; one that just failed is answered within the grace.
      const grace = setTimeout(() => owner === client && void worker.terminate(), GRACE_MS)
      void worker.exited.then(() => clearTimeout(grace))
    }
  }

  function release(): void {
    settle()
    owner = undefined
    execute('ROLLBACK')
    tidyUp()
  }

  /** Nothing of a session reaches the next one; while others are connected their settings and locks must stay. */
  function tidyUp(): void {
    if (clients.size === 0) execute('DISCARD ALL')
  }

  function openSocket(): SessionSocket {
    const frame = createMessageFramer('frontend')
    const socket = new SessionSocket({
      onConnect: () => worker.ref(),
      onBytes: (bytes, done) => {
        const messages = frame(bytes)
        const last = messages.pop()
        for (const message of messages) take(client, message)
        if (last?.type === WIRE.terminate) client.saidGoodbye = true
        if (last === undefined || client.saidGoodbye) done()
        else take(client, last, done)
      },
      onClose: () => leave(client),
    })
    const client: Client = {
      deliver: (bytes) => socket.push(bytes),
      lost: (reason) => socket.destroy(reason),
      backlog: [],
      unanswered: 0,
      saidGoodbye: false,
    }
    clients.add(client)
    return socket
  }

  return {
    openSocket,
    settled: () => settled,
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

function queryMessage(sql: string): Uint8Array {
  const text = Buffer.from(`${sql}\0`)
  const header = Buffer.alloc(5)
  header[0] = WIRE.query
  header.writeInt32BE(text.length + 4, 1)
  return Buffer.concat([header, text])
}
