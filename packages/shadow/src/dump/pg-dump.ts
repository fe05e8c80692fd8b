import { MessageChannel, Worker } from 'node:worker_threads'
import { TidemarkError } from '@tidemark/core'
import type { Wire } from '@tidemark/pg-driver/engine'
import { dumpProgramUrl, dumpWorkerUrl } from '../dump-files.ts'
import type { DumpWorkerOptions, FromDump, ToDump } from './dump-messages.ts'
import { createRelay } from './relay.ts'

/**
 * Runs `pg_dump --schema-only` (PostgreSQL 18, as WebAssembly) over a session, and gives its text. The
 * session is read only, and nothing has to be installed.
 *
 * @throws TidemarkError TM5053 with what `pg_dump` says.
 */
export async function dumpSchema(wire: Wire, args: readonly string[]): Promise<string> {
  const { port1, port2 } = new MessageChannel()
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const workerData: DumpWorkerOptions = {
    program: dumpProgramUrl().href,
    args: ['--schema-only', ...args],
    port: port2,
    signal,
  }
  const worker = new Worker(dumpWorkerUrl(), {
    workerData,
    transferList: [port2],
    execArgv: [],
  })
  const relay = createRelay(wire)
  const answer = (message: ToDump): void => {
    port1.postMessage(message)
    Atomics.add(signal, 0, 1)
    Atomics.notify(signal, 0)
  }
  try {
    return await new Promise<string>((resolve, reject) => {
      worker.once('error', (error) => reject(dumpError(error.message, error)))
      port1.on('message', (message: FromDump) => {
        if (message.kind === 'dumped') resolve(message.text)
        else if (message.kind === 'failed') reject(dumpError(message.reason, undefined))
        else
          relay(message.bytes).then(
            (bytes) => answer({ kind: 'bytes', bytes }),
            (error: Error) => answer({ kind: 'lost', reason: error.message }),
          )
      })
    })
  } finally {
    port1.close()
    await worker.terminate()
  }
}

function dumpError(reason: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM5053',
    message: `pg_dump failed: ${reason.replaceAll(/\s+/g, ' ').trim()}`,
    help: 'the role needs SELECT on the tables, or USAGE on their schemas; the message of the server says on which',
    cause,
  })
}
