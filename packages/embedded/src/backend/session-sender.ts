import { readSql, type WireMessage } from '@tidemark/pg-driver/engine'
import type { BackendWorker } from '../backend-worker.ts'
import { type ExtensionArchives, findExtensionArchives } from '../extensions/extension-archives.ts'
import { LARGE_BYTES } from '../worker-messages.ts'

/** Sends messages to the session in the worker. */
export interface SessionSender {
  /** Calls back when the worker can take more: after a large message, once it was consumed. */
  send(message: WireMessage, onTaken: () => void): void
  /** The worker consumed a large message. */
  acknowledge(): void
}

/** Makes the sender of a worker; what a statement needs of extensions is sent once, ahead of it. */
export function createSessionSender(
  worker: Pick<BackendWorker, 'send'>,
  extensions: ExtensionArchives,
): SessionSender {
  const loaded = new Set<string>()
  const acknowledgements: (() => void)[] = []
  return {
    send(message, onTaken) {
      const sql = readSql(message)
      for (const path of sql === undefined ? [] : findExtensionArchives(sql, extensions)) {
        if (loaded.has(path)) continue
        loaded.add(path)
        worker.send({ kind: 'archive', path })
      }
      if (message.bytes.length >= LARGE_BYTES) acknowledgements.push(onTaken)
      else onTaken()
      worker.send({ kind: 'bytes', bytes: message.bytes.slice() })
    },
    acknowledge: () => acknowledgements.shift()?.(),
  }
}
