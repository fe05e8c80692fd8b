import type { Attributes, Context, Span, SpanStatusCode, Tracer } from '@opentelemetry/api'
import type { PlanStep, RunAction, RunEvent, RunObserver, TidemarkError } from '@tidemark/core'
import { failSpan } from './fail-span.ts'
import { nameStatement } from './name-statement.ts'

/** What of `@opentelemetry/api` is used. */
export interface TelemetryApi {
  readonly tracer: Tracer
  /** The context in which the run was asked for: its span is the parent. */
  readonly parent: Context
  readonly within: (context: Context, span: Span) => Context
  readonly errorStatus: SpanStatusCode.ERROR
}

/**
 * Turns a run's events into spans: the run, in it each migration, in it each statement. They hold ids, times,
 * counts, SQLSTATEs and the first words of statements; no values, no error messages, no DETAIL, since these
 * may hold rows (I11).
 */
export function createRunSpans(api: TelemetryApi, action: RunAction): RunObserver {
  return new RunSpans(api, action)
}

class RunSpans implements RunObserver {
  readonly #api: TelemetryApi
  readonly #run: Opened
  #migration: (Opened & { readonly step: PlanStep }) | undefined
  #statement: Span | undefined

  constructor(api: TelemetryApi, action: RunAction) {
    this.#api = api
    this.#run = open(api, `tidemark ${action}`, api.parent, { 'tidemark.action': action })
  }

  onEvent(event: RunEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#run.span.setAttributes({
          'db.system.name': 'postgresql',
          'db.namespace': event.target.database,
          'server.address': event.target.host,
          ...(event.target.port === null ? {} : { 'server.port': event.target.port }),
          'tidemark.schema': event.target.schema,
        })
        return
      case 'lock_acquired':
        this.#run.span.setAttribute('tidemark.lock_wait_ms', Math.round(event.waitedMs))
        return
      case 'planned':
        this.#run.span.setAttributes({
          'tidemark.run.id': event.runId,
          'tidemark.plan.steps': event.plan.steps.length,
        })
        return
      default:
        this.#onStepEvent(event)
    }
  }

  end(error: unknown): void {
    this.#statement?.end()
    this.#migration?.span.end()
    if (error !== undefined) this.#fail(this.#run.span, error)
    this.#run.span.end()
  }

  #onStepEvent(event: RunEvent): void {
    switch (event.kind) {
      case 'step_started':
        this.#startStep(event.step, event.attempt)
        return
      case 'statement_started':
        this.#statement = this.#startStatement(event.index, event.summary)
        return
      case 'statement_finished':
        this.#statement?.end()
        this.#statement = undefined
        return
      case 'step_retry':
        this.#statement?.end()
        this.#statement = undefined
        this.#migration?.span.addEvent('retry', {
          'tidemark.attempt': event.attempt,
          'db.response.status_code': event.sqlState,
          'tidemark.delay_ms': Math.round(event.delayMs),
        })
        return
      case 'batch_finished':
        this.#migration?.span.setAttributes({
          'tidemark.batches': event.progress.batches,
          'tidemark.batch.rows': event.progress.rows,
          'tidemark.batch.size': event.progress.size,
        })
        return
      case 'step_paused':
        this.#migration?.span.addEvent('paused', { 'tidemark.reason': event.reason })
        return
      case 'backup_finished':
        this.#run.span.addEvent('backup', {
          'tidemark.migration.id': event.step.id,
          'tidemark.duration_ms': Math.round(event.durationMs),
        })
        return
      case 'step_finished':
        this.#endStep(event.step, undefined)
        return
      case 'step_failed':
        this.#endStep(event.step, event.error)
        return
      default:
    }
  }

  #startStep(step: PlanStep, attempt: number): void {
    if (this.#migration?.step === step) {
      this.#migration.span.setAttribute('tidemark.attempt', attempt)
      return
    }
    this.#migration?.span.end()
    const attributes = {
      'tidemark.migration.id': step.id,
      'tidemark.step': step.kind,
      'tidemark.attempt': attempt,
    }
    this.#migration = { ...open(this.#api, `migration ${step.id}`, this.#run.context, attributes), step }
  }

  #startStatement(index: number, summary: string): Span | undefined {
    const migration = this.#migration
    if (migration === undefined) return undefined
    return open(this.#api, nameStatement(summary), migration.context, {
      'tidemark.migration.id': migration.step.id,
      'tidemark.statement': index + 1,
      'db.query.summary': nameStatement(summary),
    }).span
  }

  /** A commit that was reported late belongs to an earlier step. */
  #endStep(step: PlanStep, error: TidemarkError | undefined): void {
    if (this.#migration?.step !== step) return
    if (error !== undefined) {
      if (this.#statement !== undefined) this.#fail(this.#statement, error)
      this.#fail(this.#migration.span, error)
    }
    this.#statement?.end()
    this.#statement = undefined
    this.#migration.span.end()
    this.#migration = undefined
  }

  #fail(span: Span, error: unknown): void {
    failSpan(span, error, this.#api.errorStatus)
  }
}

interface Opened {
  readonly span: Span
  readonly context: Context
}

function open(api: TelemetryApi, name: string, parent: Context, attributes: Attributes): Opened {
  const span = api.tracer.startSpan(name, { attributes }, parent)
  return { span, context: api.within(parent, span) }
}
