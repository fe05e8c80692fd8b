import type { Connection, QueryAnswer } from '../../connection/connection.ts'
import { checkAnswer, findFailedPart, readDuration, readXid } from '../../script/pipelined-answers.ts'
import {
  listMessages,
  type PipelinedMessage,
  STREAMED_COPY_SIZE,
  type StatementPosition,
} from '../../script/pipelined-messages.ts'
import type { StepScript } from '../../script/step-script.ts'
import type { InFlightWindow } from './in-flight-window.ts'

/** The first error of a script. */
export interface PipelinedFailure {
  readonly place: StatementPosition
  readonly error: Error
  readonly durationMs: number
  /** How long the server worked on what failed. */
  readonly statementMs: number
  /** The transaction's id, once the precondition has answered it. */
  readonly xid: string | undefined
  /** It is the record that failed, and no other statement of ours at the end. */
  readonly isRecord: boolean
}

/** Called while a script is answered, in order. */
export interface PipelinedObserver {
  statementStarted(index: number): void
  statementFinished(index: number, durationMs: number): void
  /** The tag COMMIT was answered. */
  committed(durationMs: number): void
  /** The first error arrived; more answers may follow. */
  failed(): void
}

type Answers = readonly QueryAnswer<Record<string, unknown>>[]

const COPY_CHUNK_SIZE = 64 * 1024

/**
 * One script on its way to the server. After the first error nothing more of it is sent; what is behind it on
 * the wire is refused, since the server stays in the failed transaction until it is rolled back.
 */
export class PipelinedStep {
  readonly script: StepScript
  readonly #connection: Connection
  readonly #window: InFlightWindow
  readonly #observer: PipelinedObserver
  #place: StatementPosition = { kind: 'open' }
  #failure: PipelinedFailure | undefined
  #unanswered = 0
  #closeSent = false
  #xid: string | undefined
  #begunAt = 0
  #answeredAt = 0
  #onDrained: (() => void) | undefined

  constructor(options: {
    readonly script: StepScript
    readonly connection: Connection
    readonly window: InFlightWindow
    readonly observer: PipelinedObserver
  }) {
    this.script = options.script
    this.#connection = options.connection
    this.#window = options.window
    this.#observer = options.observer
  }

  /** What the server does now. */
  get place(): StatementPosition {
    return this.#place
  }

  /** Since when the server works on it, by `performance.now()`. */
  get startedAt(): number {
    return this.#answeredAt
  }

  /** True once the message with COMMIT is on its way. */
  get closeSent(): boolean {
    return this.#closeSent
  }

  /** Marks the moment from which the server works on this script. */
  begin(): void {
    this.#begunAt = performance.now()
    this.#answeredAt = this.#begunAt
    // What opens the transaction takes no time worth reporting.
    if (this.script.joins.open) this.#moveTo(0)
  }

  /** Sends everything, as far as window and answers let it; resolves when nothing more will be sent. */
  async send(): Promise<void> {
    const { needsAnswers } = this.script.facts
    const close = () => this.script.close(needsAnswers ? this.#xid : undefined)
    for (const message of listMessages(this.script, close)) {
      await this.#transmit(message)
      if (needsAnswers) await this.drained()
      if (this.#failure !== undefined) return
    }
  }

  /** Resolves when all that was sent has been answered. */
  async drained(): Promise<void> {
    if (this.#unanswered === 0) return
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
    })
  }

  /** The first error; undefined when everything that was answered succeeded. */
  get failure(): PipelinedFailure | undefined {
    return this.#failure
  }

  async #transmit(message: PipelinedMessage): Promise<void> {
    const { text } = message
    const sizeBytes = text.length + (message.copyData?.length ?? 0)
    const room = this.#window.room(sizeBytes)
    if (room !== undefined) await room
    if (message.copyData !== undefined && sizeBytes >= STREAMED_COPY_SIZE) await this.drained()
    if (this.#failure !== undefined) return
    if (message.parts.at(-1)?.place.kind === 'close') this.#closeSent = true
    this.#window.add(sizeBytes)
    this.#unanswered += 1
    const onAnswer = (error: Error | null, answers: Answers) => {
      this.#window.remove(sizeBytes)
      this.#answer(message, error, answers)
    }
    if (message.copyData === undefined || sizeBytes < STREAMED_COPY_SIZE) {
      this.#connection.send(text, onAnswer, message.copyData)
    } else {
      await this.#connection.copyIn(text, cut(message.copyData)).then(
        (answer) => onAnswer(null, [answer]),
        (error: Error) => onAnswer(error, []),
      )
    }
  }

  #answer(message: PipelinedMessage, error: Error | null, answers: Answers): void {
    const now = performance.now()
    if (this.#failure === undefined) {
      const failed = error === null ? undefined : findFailedPart(message, error, answers.length)
      let from = 0
      for (const part of message.parts) {
        if (part === failed) break
        const own = answers.slice(from, part.answers === undefined ? undefined : from + part.answers)
        from += own.length
        const problem = checkAnswer(part.place, own)
        if (problem === undefined) this.#advance(part.place, own, now)
        else this.#fail(part.place, problem, now)
      }
      if (error !== null) this.#fail(failed?.place ?? this.#place, error, now, answers.length - from)
    }
    this.#answeredAt = now
    this.#unanswered -= 1
    if (this.#unanswered > 0) return
    this.#onDrained?.()
    this.#onDrained = undefined
  }

  /** @param within which statement of its part failed, from 0 */
  #fail(place: StatementPosition, error: Error, now: number, within = -1): void {
    const durationMs = now - this.#begunAt
    const statementMs = now - this.#answeredAt
    const { from, to } = this.script.record
    const isRecord = place.kind === 'close' && within >= from && within < to
    this.#failure = { place, error, durationMs, statementMs, xid: this.#xid, isRecord }
    this.#observer.failed()
  }

  #advance(place: StatementPosition, answers: Answers, now: number): void {
    if (place.kind === 'close') {
      this.#observer.committed(readDuration(answers) ?? now - this.#begunAt)
      return
    }
    if (place.kind === 'open') {
      this.#xid = readXid(answers)
      if (this.#place.kind === 'open') this.#moveTo(0)
    }
    if (place.kind !== 'statement') return
    this.#observer.statementFinished(place.index, now - this.#answeredAt)
    this.#moveTo(place.index + 1)
  }

  #moveTo(index: number): void {
    const statement = this.script.statements[index]
    this.#place = statement === undefined ? { kind: 'close' } : { kind: 'statement', index, statement }
    if (statement !== undefined) this.#observer.statementStarted(index)
  }
}

function* cut(data: string): Iterable<string> {
  for (let at = 0; at < data.length; ) {
    let end = Math.min(data.length, at + COPY_CHUNK_SIZE)
    if ((data.codePointAt(end - 1) ?? 0) > 0xffff) end += 1
    yield data.slice(at, end)
    at = end
  }
}
