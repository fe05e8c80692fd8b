import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

const exporter = new InMemorySpanExporter()
let database: TestDatabase
let folder: MigrationFolder

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
beforeEach(async () => {
  exporter.reset()
  database = await createTestDatabase()
})
afterEach(async () => {
  await database.drop()
  await folder.drop()
})

const runner = () => createMigrationRunner({ database: database.url, migrations: folder.path })

/** `parent > name`, in the order in which the spans ended. */
function tree(spans: readonly ReadableSpan[]): readonly string[] {
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
  return spans.map((span) => `${names.get(span.parentSpanContext?.spanId ?? '') ?? ''} > ${span.name}`)
}

test('a run, its migrations and their statements are spans under the span that is active', async () => {
  folder = await createMigrationFolder({
    '001_a': 'CREATE TABLE a (name text);\nINSERT INTO a VALUES ($$Ada Lovelace$$);',
    '002_b':
      '-- Depends on: [001_a]\n-- Transaction: none\n-- @up\nCREATE INDEX CONCURRENTLY b ON a (name);\n',
  })
  const tracer = trace.getTracer('test')
  await tracer.startActiveSpan('deploy', async (span) => {
    await runner().runMigrations()
    span.end()
  })
  const spans = exporter.getFinishedSpans()
  expect(tree(spans)).toEqual([
    'migration 001_a > CREATE TABLE a',
    'migration 001_a > INSERT INTO a',
    'tidemark apply > migration 001_a',
    'migration 002_b > CREATE INDEX CONCURRENTLY b',
    'tidemark apply > migration 002_b',
    'deploy > tidemark apply',
    ' > deploy',
  ])
  expect(spans.at(-2)?.attributes).toMatchObject({
    'db.system.name': 'postgresql',
    'db.namespace': database.name,
    'tidemark.schema': 'public',
    'tidemark.plan.steps': 2,
  })
  expect(everythingOf(spans)).not.toMatch(/Ada|Lovelace|postgres:\/\//)
})

test('a failure is reported by its codes, without the row that it names', async () => {
  folder = await createMigrationFolder({
    '001_a': "CREATE TABLE a (name text UNIQUE);\nINSERT INTO a VALUES ('Ada'), ('Ada');",
  })
  await expect(runner().runMigrations()).rejects.toMatchObject({ code: 'TM5004' })
  const spans = exporter.getFinishedSpans()
  const failed = spans.filter(({ status }) => status.code === SpanStatusCode.ERROR)
  expect(
    failed.map(({ name, status, attributes }) => [
      name,
      status.message,
      attributes['db.response.status_code'],
    ]),
  ).toEqual([
    ['INSERT INTO a', 'TM5004', '23505'],
    ['migration 001_a', 'TM5004', '23505'],
    ['tidemark apply', 'TM5004', '23505'],
  ])
  expect(everythingOf(spans)).not.toContain('Ada')
})

test('a rollback and a mark are runs too', async () => {
  folder = await createMigrationFolder({
    '001_a': '-- @up\nCREATE TABLE a (id int);\n-- @down\nDROP TABLE a;\n',
  })
  await runner().runMigrations()
  exporter.reset()
  await runner().rollBack()
  await runner().mark({ ids: ['001_a'], as: 'pending' })
  expect(tree(exporter.getFinishedSpans())).toEqual([
    'migration 001_a > DROP TABLE a',
    'tidemark roll_back > migration 001_a',
    ' > tidemark roll_back',
    'tidemark mark > migration 001_a',
    ' > tidemark mark',
  ])
})

test('a migration in batches is one span, with how far it is and why it stopped', async () => {
  folder = await createMigrationFolder({
    '001_a': 'CREATE TABLE a (id int PRIMARY KEY, n int);\nINSERT INTO a SELECT generate_series(1, 250);',
    '002_fill':
      '-- Depends on: [001_a]\n-- Batches: a by id, size 100\n-- @up\nUPDATE a SET n = id WHERE id BETWEEN $1 AND $2;\n',
  })
  await runner().runMigrations({ batchesForMs: 0 })
  await runner().runMigrations()
  const spans = exporter.getFinishedSpans().filter(({ name }) => name === 'migration 002_fill')
  expect(spans.map(({ attributes, events }) => [attributes, events.map(({ name }) => name)])).toEqual([
    [expect.not.objectContaining({ 'tidemark.batches': expect.anything() }), ['paused']],
    [
      expect.objectContaining({
        'tidemark.batches': 3,
        'tidemark.batch.rows': 250,
        'tidemark.batch.size': 100,
      }),
      [],
    ],
  ])
})

test('without an SDK a run is silent', async () => {
  trace.disable()
  folder = await createMigrationFolder({ '001_a': 'SELECT 1;' })
  expect((await runner().runMigrations()).done).toEqual(['001_a'])
  expect(exporter.getFinishedSpans()).toEqual([])
})

function everythingOf(spans: readonly ReadableSpan[]): string {
  return JSON.stringify(
    spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  )
}
