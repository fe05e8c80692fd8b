import { scanSql } from '@tidemark/core'
import type { RecordedStatement } from '@tidemark/import'
import { createSettingsTrack } from './settings-track.ts'

/** A statement that the server has executed. */
export interface ExecutedStatement {
  /** Without `;`, with its parameters as literals. */
  readonly text: string
  /** What the server says that it did, such as `INSERT 0 1`. */
  readonly tag: string
  /** What a COPY was fed with. */
  readonly data: Buffer | undefined
}

/** What all sessions record: numbers are given in the order of execution. */
export interface Tape {
  readonly statements: RecordedStatement[]
  order: number
}

/** What one session executed, of which only what was committed counts. */
export interface SessionTape {
  /** Whether a transaction block is open. */
  readonly isOpen: boolean
  executed(statement: ExecutedStatement): void
  /** A statement failed: what the same implicit transaction did before is gone. */
  failed(): void
  /** The server waits for the next message: `I` outside of a transaction, `T` inside, `E` in one that failed. */
  ready(status: string): void
  /** The session has ended: an open transaction is rolled back. */
  close(): void
}

interface Savepoint {
  readonly name: string
  readonly kept: number
}

/** Makes the tape of a session. */
export function openSessionTape(tape: Tape): SessionTape {
  const settings = createSettingsTrack()
  let open: Omit<RecordedStatement, 'transaction' | 'within'>[] = []
  let savepoints: Savepoint[] = []
  let isBlock = false
  let hasFailed = false

  const commit = (): void => {
    const transaction = tape.order
    tape.order += 1
    const within = isBlock ? 'block' : open.length > 1 ? 'message' : 'alone'
    tape.statements.push(...open.map((statement) => ({ ...statement, transaction, within }) as const))
    end('commit')
  }
  const end = (how: 'commit' | 'rollback'): void => {
    open = []
    savepoints = []
    isBlock = false
    settings.end(how)
  }
  const rollBackTo = (name: string): void => {
    const at = savepoints.findLastIndex((savepoint) => savepoint.name === name)
    open.length = savepoints[at]?.kept ?? open.length
    savepoints = savepoints.slice(0, at + 1)
  }
  return {
    get isOpen() {
      return isBlock
    },
    executed({ text, tag, data }) {
      const order = tape.order
      tape.order += 1
      const code = codeOf(text)
      if (/^(?:BEGIN|START TRANSACTION)$/.test(tag)) isBlock = true
      else if (tag === 'COMMIT') commit()
      else if (tag === 'ROLLBACK') {
        const [, name] = /^ROLLBACK\b[\s\S]*\bTO\s+(?:SAVEPOINT\s+)?(\S+)$/i.exec(code) ?? []
        if (name === undefined) end('rollback')
        else rollBackTo(name)
      } else if (tag === 'SAVEPOINT')
        savepoints.push({ name: code.replace(/^SAVEPOINT\s+/i, ''), kept: open.length })
      else if (tag !== 'RELEASE' && !settings.take(code))
        open.push({ order, text, tag, data: data?.toString('utf8'), settings: settings.current() })
    },
    failed() {
      hasFailed = true
    },
    ready(status) {
      if (status === 'I' && hasFailed) end('rollback')
      else if (status === 'I') commit()
      hasFailed = false
    },
    close: () => end('rollback'),
  }
}

function codeOf(text: string): string {
  const [statement] = scanSql(text).statements
  return statement === undefined ? '' : text.slice(statement.codeStart, statement.codeEnd)
}
