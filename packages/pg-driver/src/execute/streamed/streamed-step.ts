import { type MessageAnswers, sendMessage } from '../../connection/send-message.ts'
import { toServerNotice } from '../../connection/to-server-notice.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { checkAnswer, readXid } from '../../script/pipelined-answers.ts'
import type { StatementPosition } from '../../script/pipelined-messages.ts'
import { openFeed, type StatementFeed } from '../../script/statement-feed.ts'
import {
  type Adaptation,
  type ScriptStatement,
  type StepScript,
  type TransactionalStep,
  writeScript,
} from '../../script/step-script.ts'
import { summarizeStatement } from '../../script/summarize-statement.ts'
import { createWindow } from '../pipelined/in-flight-window.ts'
import type { PipelinedFailure } from '../pipelined/pipelined-step.ts'
import { type StatementWatch, watchStatement } from '../watch/watch-statement.ts'

const WINDOW = { count: 256, sizeBytes: 1024 * 1024 }
const REPORT_EVERY_MS = 250

/** What the step is watched by: asked before each statement, and before COMMIT. */
export interface StepGuard {
  begin(): Promise<void>
  before(statement: ScriptStatement): Promise<void>
  finish(): Promise<void>
}

/** What a streamed step depends on besides its file. */
export interface StreamedOptions {
  /** Ids that must be done before it. */
  readonly after: readonly string[]
  readonly guard: StepGuard | undefined
  /** How it is sent after a try that showed a need for it. */
  readonly adaptation: Adaptation
}

/**
 * Sends a large file, or a step that is watched, through one transaction, reading it as the server takes it.
 * Nothing is sent behind a failure, and COMMIT only after every answer, so that no statement of the file can
 * revive a failed transaction unseen.
 */
export class StreamedStep {
  readonly #context: ExecutionContext
  readonly #step: TransactionalStep
  readonly #guard: StepGuard | undefined
  readonly #adaptation: Adaptation
  readonly #script: StepScript
  readonly #feed: StatementFeed
  readonly #watch: StatementWatch
  readonly #window = createWindow(WINDOW)
  #place: StatementPosition = { kind: 'open' }
  #failure:
    | { readonly error: Error; readonly place: StatementPosition; readonly statementMs: number }
    | undefined
  #unanswered = 0
  #answeredAt = performance.now()
  #reportedAt = 0
  #onDrained: (() => void) | undefined
  #isGuarding = false
  #isRecord = false

  constructor(
    context: ExecutionContext,
    step: TransactionalStep,
    { after, guard, adaptation }: StreamedOptions,
  ) {
    this.#context = context
    this.#guard = guard
    this.#adaptation = adaptation
    this.#step = step
    this.#script = writeScript(step, { after, durability: 'waited', naming: 'inline', adaptation }, context)
    this.#feed = openFeed(step)
    this.#watch = watchStatement(context, () =>
      this.#place.kind === 'statement'
        ? { id: step.id, index: this.#place.index, startedAt: this.#answeredAt }
        : undefined,
    )
  }

  /** Where it failed, or what the server does now. */
  get place(): StatementPosition {
    return this.#failure?.place ?? this.#place
  }

  /** How long the server worked on what failed. */
  get statementMs(): number {
    return this.#failure?.statementMs ?? performance.now() - this.#answeredAt
  }

  /** What is needed to find whether it may succeed in another way. The id of the transaction is kept anyway. */
  failureOf(error: Error): Pick<PipelinedFailure, 'error' | 'place' | 'isRecord' | 'xid'> {
    return { error, place: this.place, isRecord: this.#isRecord, xid: undefined }
  }

  get script(): StepScript {
    return this.#script
  }

  get numbering(): { readonly index: number; readonly count: number } {
    const { place } = this
    const index = place.kind === 'statement' ? place.index : 0
    const isVerify = place.kind === 'statement' && place.statement.kind === 'verify'
    return isVerify
      ? { index: index - this.#feed.count + 1, count: this.#feed.verify.length }
      : { index: index + 1, count: this.#feed.count }
  }

  blockers(): ReturnType<StatementWatch['lastSeen']> {
    return this.#watch.lastSeen()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  /** Resolves after the answer to COMMIT; rejects with the first error. */
  async run(): Promise<void> {
    const { connection, signal } = this.#context
    this.#listen()
    const opened = await sendMessage(connection, this.#script.open)
    await this.#ask((guard) => guard.begin())
    let index = 0
    for await (const statement of this.#feed.read(signal)) {
      await this.#send(index, statement)
      if (this.#failure !== undefined) break
      index += 1
    }
    await this.#drained()
    this.#throwFailure()
    await this.#verify(index)
    this.#place = { kind: 'close' }
    await this.#ask((guard) => guard.finish())
    // Without an id the transaction answers a token in its place, and the setting holds the id that it gets.
    const answers = await this.#close(
      this.#script.close(this.#adaptation === 'no_xid' ? undefined : readXid(opened)),
    )
    const refused = checkAnswer(this.#place, answers)
    if (refused === undefined) return
    this.#fail(refused)
    throw refused
  }

  /** How much of the message was answered tells whether it is the record that failed. */
  #close(text: string): Promise<MessageAnswers> {
    const { from, to } = this.#script.record
    return new Promise((resolve, reject) => {
      this.#context.connection.send(text, (error, answers) => {
        if (error === null) return resolve(answers)
        this.#isRecord = answers.length >= from && answers.length < to
        reject(error)
      })
    })
  }

  /** Nothing is in flight while the guard asks the server; notices then are its own. */
  async #ask(act: (guard: StepGuard) => Promise<void>): Promise<void> {
    if (this.#guard === undefined) return
    this.#isGuarding = true
    await act(this.#guard)
    this.#isGuarding = false
  }

  async #verify(first: number): Promise<void> {
    const { connection } = this.#context
    if (this.#script.beforeVerify !== undefined) {
      this.#place = { kind: 'before_verify' }
      await sendMessage(connection, this.#script.beforeVerify)
    }
    for (const [offset, statement] of this.#feed.verify.entries()) {
      this.#place = { kind: 'statement', index: first + offset, statement }
      await sendMessage(connection, statement.text)
    }
  }

  async #send(index: number, statement: ScriptStatement): Promise<void> {
    const { connection } = this.#context
    const { text, copyStream = copyDataOf(statement) } = statement
    this.#report(index, statement)
    if (this.#guard !== undefined) {
      await this.#drained()
      if (this.#failure !== undefined) return
      this.#place = { kind: 'statement', index, statement }
      await this.#ask((guard) => guard.before(statement))
      this.#answeredAt = performance.now()
      this.#tellStarted(index, statement)
    }
    if (copyStream !== undefined) {
      await this.#drained()
      if (this.#failure !== undefined) return
      this.#place = { kind: 'statement', index, statement }
      const sent = connection.copyIn(text, this.#counted(index, statement, copyStream))
      await sent.catch((error: Error) => this.#fail(error))
      this.#answeredAt = performance.now()
      if (this.#failure === undefined) this.#checkTables(this.#place)
      return
    }
    await this.#window.room(text.length)
    if (this.#failure !== undefined) return
    const place = { kind: 'statement', index, statement } as const
    if (this.#unanswered === 0) this.#place = place
    this.#transmit(text, place, () => this.#tellFinished(index))
    this.#checkTables(place)
  }

  /** What a look at the tracking tables finds was done by the statement before it. */
  #checkTables(place: StatementPosition): void {
    const { afterEach } = this.#script
    if (afterEach !== undefined) this.#transmit(afterEach, place, () => undefined)
  }

  #transmit(text: string, place: StatementPosition, onDone: () => void): void {
    this.#window.add(text.length)
    this.#unanswered += 1
    this.#context.connection.send(text, (error) => {
      this.#place = place
      if (error === null) onDone()
      else this.#fail(error)
      this.#window.remove(text.length)
      this.#unanswered -= 1
      this.#answeredAt = performance.now()
      if (this.#unanswered === 0) this.#onDrained?.()
    })
  }

  async *#counted(
    index: number,
    statement: ScriptStatement,
    data: AsyncIterable<Uint8Array> | readonly string[],
  ): AsyncGenerator<Uint8Array> {
    let sizeBytes = 0
    for await (const part of data) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part
      sizeBytes += bytes.length
      this.#report(index, statement, sizeBytes)
      yield bytes
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    const statementMs = performance.now() - this.#answeredAt
    this.#failure = { error, place: this.#place, statementMs }
    this.#window.open()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #drained(): Promise<void> {
    if (this.#unanswered === 0) return
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
    })
  }

  /**
   * A notice belongs to the statement that is answered next; for a file of this size the index is that of the
   * last one that was answered.
   */
  #listen(): void {
    const { connection, emit } = this.#context
    connection.onNotice((notice) => {
      const { place } = this
      if (place.kind !== 'statement' || this.#isGuarding) return
      emit({
        kind: 'notice',
        id: this.#step.id,
        index: place.index,
        notice: toServerNotice(notice, place.statement.source),
      })
    })
  }

  #tellStarted(index: number, { source, span }: ScriptStatement): void {
    const { id } = this.#step
    const shown = summarizeStatement(source, span)
    this.#context.emit({ kind: 'statement_started', id, index, count: this.#feed.count, ...shown })
  }

  /** A large file has too many statements to report each. */
  #tellFinished(index: number): void {
    if (this.#guard === undefined) return
    const durationMs = performance.now() - this.#answeredAt
    this.#context.emit({
      kind: 'statement_finished',
      id: this.#step.id,
      index,
      count: this.#feed.count,
      durationMs,
    })
  }

  /** Reports how much of the file has been sent, four times a second at most. */
  #report(index: number, statement: ScriptStatement, dataBytes = 0): void {
    const { part, span } = statement
    const now = performance.now()
    if (part === undefined || now - this.#reportedAt < REPORT_EVERY_MS) return
    const { id } = this.#step
    const { emit } = this.#context
    if (this.#reportedAt === 0 && this.#guard === undefined) this.#tellStarted(index, statement)
    this.#reportedAt = now
    const total = part.of.sizeBytes
    const done = Math.min(total, part.startBytes + span.end + dataBytes)
    emit({ kind: 'statement_progress', id, index, phase: 'sending', done, total, unit: 'bytes' })
  }
}

/** The data of a COPY in a file that is held in memory. */
function copyDataOf({ source, copyData }: ScriptStatement): readonly string[] | undefined {
  return copyData === undefined ? undefined : [source.text.slice(copyData.start, copyData.end)]
}
