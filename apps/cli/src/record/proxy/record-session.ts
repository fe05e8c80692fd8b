import { hasCode, scanSql } from '@tidemark/core'
import type { WireMessage } from '@tidemark/pg-driver/engine'
import type { SessionTape } from '../tape/session-tape.ts'
import type { BackendWire } from './backend-wire.ts'
import { inlineParameters } from './inline-parameters.ts'
import {
  describeMessage,
  FLUSH,
  readBind,
  readParameterTypes,
  renamed,
  renamedParse,
} from './prepared-messages.ts'
import { quoteParameters } from './quote-parameters.ts'
import { FieldReader, int16, writeFields } from './wire-fields.ts'

/** A client's session between its messages and the scratch database. */
export interface RecordedSession {
  readonly messages: AsyncIterator<WireMessage>
  readonly backend: BackendWire
  readonly tape: SessionTape
  /** Says why SQL may not run on the scratch database; undefined where it may. */
  readonly refuse: (sql: string) => string | undefined
  /** Put before the names of prepared statements: on the embedded engine all sessions are one. */
  readonly prefix: string
}

interface PreparedStatement {
  readonly text: string
  readonly types: readonly number[]
}

/** What runs: the statements of a message, how many were answered, and the data of a COPY. */
interface Running {
  readonly statements: readonly string[]
  readonly until: string
  done: number
  data: Buffer[]
}

/** Hands the messages of a client on, one at a time, and puts on the tape what was executed. */
export async function recordSession(session: RecordedSession): Promise<void> {
  const handler = new SessionHandler(session)
  for (;;) {
    const { value: message, done } = await session.messages.next()
    if (done === true || (await handler.take(message)) === 'ended') break
  }
  session.tape.close()
}

class SessionHandler {
  readonly #backend: BackendWire
  readonly #tape: SessionTape
  readonly #prefix: string
  readonly #refusal: RecordedSession['refuse']
  readonly #statements = new Map<string, PreparedStatement>()
  readonly #portals = new Map<string, string>()
  #running: Running | undefined
  /** After an error in the extended protocol nothing counts up to the next Sync. */
  #isSkipping = false

  constructor({ backend, tape, prefix, refuse }: RecordedSession) {
    this.#backend = backend
    this.#tape = tape
    this.#prefix = prefix
    this.#refusal = refuse
  }

  async take(message: WireMessage): Promise<'goes on' | 'ended'> {
    const letter = String.fromCharCode(message.type)
    if (letter === 'X') return 'ended'
    if (letter === 'd') this.#addData(message)
    else if (letter === 'c' || letter === 'f') await this.#endData(message)
    else if (letter === 'Q') await this.#query(message)
    else if (letter === 'S') await this.#sync(message)
    else if (letter === 'F') await this.#ask(message.bytes, 'Z')
    else if (!this.#isSkipping) await this.#extended(letter, message)
    return 'goes on'
  }

  async #extended(letter: string, message: WireMessage): Promise<void> {
    switch (letter) {
      case 'P':
        return this.#parse(message)
      case 'B':
        return this.#bind(message)
      case 'D':
        return this.#step(renamed(message, this.#prefix), 'TnE')
      case 'E':
        return this.#execute(message)
      case 'C':
        return this.#step(renamed(message, this.#prefix), '3E')
    }
  }

  async #query(message: WireMessage): Promise<void> {
    const text = new FieldReader(message).text()
    this.#running = { statements: splitStatements(text), until: 'ZG', done: 0, data: [] }
    const reason = this.#refusal(text)
    await this.#run(reason === undefined ? message.bytes : writeFields('Q', raising(reason)))
  }

  async #parse(message: WireMessage): Promise<void> {
    const { name, text, bytes } = renamedParse(message, this.#prefix)
    const reason = this.#refusal(text)
    const serverName = name === '' ? '' : `${this.#prefix}${name}`
    const asked = reason === undefined ? bytes : writeFields('P', serverName, raising(reason), int16(0))
    await this.#step(asked, '1E')
    if (this.#isSkipping) return
    const question = Buffer.concat([describeMessage(this.#prefix, name), FLUSH])
    const described = await this.#backend.ask(question, { until: 'TnE', to: 'us' })
    const error = described.find(isError)
    if (error !== undefined) return this.#refuse(error)
    const types = readParameterTypes(described)
    this.#statements.set(name, { text: splitStatements(text)[0] ?? '', types })
  }

  async #bind(message: WireMessage): Promise<void> {
    const bind = readBind(message)
    const statement = this.#statements.get(bind.statement)
    if (statement !== undefined) {
      const literals = await quoteParameters(this.#backend, bind, statement.types)
      if (!literals.ok) return this.#refuse(literals.error)
      this.#portals.set(bind.portal, inlineParameters(statement.text, literals.value))
    }
    await this.#step(bind.renamed(this.#prefix), '2E')
  }

  async #execute(message: WireMessage): Promise<void> {
    const text = this.#portals.get(new FieldReader(message).text())
    this.#running = { statements: text === undefined ? [] : [text], until: 'CIsEG', done: 0, data: [] }
    await this.#run(Buffer.concat([message.bytes, FLUSH]))
  }

  async #sync(message: WireMessage): Promise<void> {
    this.#isSkipping = false
    this.#running = undefined
    await this.#ask(message.bytes, 'Z')
  }

  /** Sends a message of the extended protocol that executes nothing. */
  async #step(bytes: Uint8Array, until: string): Promise<void> {
    const answers = await this.#ask(Buffer.concat([bytes, FLUSH]), until)
    if (answers.some(isError)) this.#isSkipping = true
  }

  /** What we asked ourselves was refused, as what the client asks would be. */
  #refuse(error: WireMessage): void {
    this.#backend.show(error.bytes)
    this.#tape.failed()
    this.#isSkipping = true
  }

  #addData(message: WireMessage): void {
    this.#backend.send(message.bytes)
    this.#running?.data.push(new FieldReader(message).rest())
  }

  async #endData(message: WireMessage): Promise<void> {
    if (this.#running === undefined) this.#backend.send(message.bytes)
    else
      await this.#run(
        this.#running.until.startsWith('C') ? Buffer.concat([message.bytes, FLUSH]) : message.bytes,
      )
  }

  async #run(bytes: Uint8Array): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const answers = await this.#ask(bytes, running.until)
    if (answers.some(isError) && running.until !== 'ZG') this.#isSkipping = true
  }

  async #ask(bytes: Uint8Array, until: string): Promise<readonly WireMessage[]> {
    const answers = await this.#backend.ask(bytes, { until, to: 'client' })
    for (const answer of answers) this.#note(answer)
    return answers
  }

  #note(answer: WireMessage): void {
    const letter = String.fromCharCode(answer.type)
    if (letter === 'C') this.#completed(new FieldReader(answer).text())
    else if (letter === 'E') this.#tape.failed()
    else if (letter === 'Z') this.#tape.ready(String.fromCharCode(new FieldReader(answer).byte()))
  }

  #completed(tag: string): void {
    const running = this.#running
    const text = running?.statements[running.done]
    if (running === undefined || text === undefined) return
    running.done += 1
    const data = running.data.length === 0 ? undefined : withoutEnd(Buffer.concat(running.data))
    running.data = []
    this.#tape.executed({ text, tag, data })
  }
}

/** A statement that fails where the refused one would run: the server keeps its state, and the client gets the reason. */
function raising(reason: string): string {
  const message = reason.replaceAll("'", "''")
  return `DO $tidemark$BEGIN RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = '${message}'; END$tidemark$`
}

/** psql sends the line that ends the data, too, which says nothing to the server. */
function withoutEnd(data: Buffer): Buffer {
  const text = data.toString('latin1')
  return data.subarray(0, text.length - (/(?:^|\n)(\\\.\r?\n?)$/.exec(text)?.[1]?.length ?? 0))
}

function isError({ type }: WireMessage): boolean {
  return type === 'E'.charCodeAt(0)
}

/** The statements of a text, with the comments before them and without the `;` after them. */
function splitStatements(text: string): readonly string[] {
  const { statements } = scanSql(text)
  return statements
    .filter((statement) => hasCode(text, statement))
    .map(({ start, codeEnd }) => text.slice(start, codeEnd).replace(/;$/, '').trim())
}
