import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorker } from './queue/support.ts'
import { openDatabase, openFleet, tenantsOf } from './support.ts'

const exporter = new InMemorySpanExporter()

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
})
afterAll(() => {
  trace.disable()
  context.disable()
})

/** Each span as the path of names that leads to it, in the order of these. */
function pathsOf(spans: readonly ReadableSpan[]): readonly string[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
  const pathOf = (span: ReadableSpan): string => {
    const parent = byId.get(span.parentSpanContext?.spanId ?? '')
    return parent === undefined ? span.name : `${pathOf(parent)} > ${span.name}`
  }
  return spans.map(pathOf).sort()
}

test('a rollout is a span under the active one, in it each target, and in that its run', async () => {
  const names = ['acme', 'zen']
  const database = await openDatabase(names)
  await database.query('CREATE TABLE zen.a ()')
  const fleet = openFleet(
    { '001_a': 'CREATE TABLE a (id int)' },
    { targets: tenantsOf(database, names), maxFailures: 1 },
  )
  const rolloutId = await trace.getTracer('test').startActiveSpan('deploy', async (span) => {
    const result = await fleet.up()
    span.end()
    return result.rolloutId
  })
  const spans = exporter.getFinishedSpans()
  expect(pathsOf(spans)).toEqual([
    'deploy',
    'deploy > tidemark fleet up',
    'deploy > tidemark fleet up > target acme',
    'deploy > tidemark fleet up > target acme > tidemark apply',
    'deploy > tidemark fleet up > target acme > tidemark apply > migration 001_a',
    'deploy > tidemark fleet up > target acme > tidemark apply > migration 001_a > CREATE TABLE a',
    'deploy > tidemark fleet up > target zen',
    'deploy > tidemark fleet up > target zen > tidemark apply',
    'deploy > tidemark fleet up > target zen > tidemark apply > migration 001_a',
    'deploy > tidemark fleet up > target zen > tidemark apply > migration 001_a > CREATE TABLE a',
  ])
  const named = (name: string) => spans.find((span) => span.name === name)
  expect(named('tidemark fleet up')?.attributes).toEqual({
    'tidemark.rollout.id': rolloutId,
    'tidemark.rollout.targets': 2,
    'tidemark.rollout.ended': 'complete',
    'tidemark.rollout.done': 1,
    'tidemark.rollout.current': 0,
    'tidemark.rollout.failed': 1,
    'tidemark.rollout.interrupted': 0,
    'tidemark.rollout.not_begun': 0,
  })
  expect(named('target zen')?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'TM5004' })
  expect(named('target acme')?.attributes).toEqual({
    'tidemark.rollout.target': 'acme',
    'tidemark.rollout.wave': '100%',
  })
  expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('postgres://')
})

test('the runs of workers are part of the trace in which the rollout was started', async () => {
  const names = ['acme', 'zen']
  const database = await openDatabase(names)
  const queue = await openDatabase()
  const fleet = openFleet(
    { '001_a': 'CREATE TABLE a (id int)' },
    { targets: tenantsOf(database, names), queue: queue.url },
  )
  await startWorker(fleet)
  exporter.reset()
  await trace.getTracer('test').startActiveSpan('deploy', async (span) => {
    await fleet.up()
    span.end()
  })
  const spans = exporter.getFinishedSpans()
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1)
  expect(pathsOf(spans).filter((path) => /apply$/.test(path))).toEqual([
    'deploy > tidemark fleet up > target acme > tidemark apply',
    'deploy > tidemark fleet up > target zen > tidemark apply',
  ])
})
