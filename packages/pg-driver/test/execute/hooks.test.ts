import type { HookCall, Hooks, RunEvent } from '@tidemark/core'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createMigrationRunner, type MigrationRunnerOptions } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

let database: TestDatabase
let folder: MigrationFolder

beforeEach(async () => {
  database = await createTestDatabase()
  folder = await createMigrationFolder({
    '001_a': '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n',
    '002_b': '-- @up\nCREATE TABLE b ();\n-- @down\nDROP TABLE b;\n',
  })
  onTestFinished(async () => {
    await database.drop()
    await folder.drop()
  })
})

function runnerWith(hooks: Hooks, options: Partial<MigrationRunnerOptions> = {}) {
  return createMigrationRunner({ database: database.url, migrations: folder.path, hooks, ...options })
}

const tables = async () =>
  (
    await database.query<{ name: string }>(
      "SELECT relname::text AS name FROM pg_class WHERE relname IN ('a', 'b')",
    )
  )
    .map(({ name }) => name)
    .sort()

const isLocked = async () => {
  const [row] = await database.query<{ held: boolean }>(
    "SELECT count(*) > 0 AS held FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
  )
  return row?.held
}

/** Node with a program that has the call as `call`. */
const node = (program: string): readonly string[] => [
  process.execPath,
  '-e',
  `const call = JSON.parse(require('node:fs').readFileSync(0, 'utf8')); ${program}`,
]

describe('functions', () => {
  test('are called in order, under the run lock, with the plan and what it came to, and without credentials', async () => {
    const calls: HookCall[] = []
    const seen: unknown[] = []
    const note = async (call: HookCall) => {
      calls.push(call)
      seen.push([call.hook, await isLocked(), await tables()])
    }
    const runner = runnerWith({ beforeUp: note, afterEach: note, afterUp: note, onError: note })
    const { done, runId } = await runner.runMigrations()
    expect(done).toEqual(['001_a', '002_b'])
    expect(seen.map((one) => (Array.isArray(one) ? one[0] : one))).toEqual([
      'beforeUp',
      'afterEach',
      'afterEach',
      'afterUp',
    ])
    expect(seen[0]).toEqual(['beforeUp', true, []])
    expect(seen.at(-1)).toEqual(['afterUp', true, ['a', 'b']])
    const run = {
      runId,
      target: {
        host: new URL(database.url).hostname,
        port: Number(new URL(database.url).port),
        database: database.name,
        user: new URL(database.url).username,
        schema: 'public',
        systemIdentifier: expect.any(String),
      },
    }
    const common = {
      ...run,
      plan: {
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        steps: [
          { id: '001_a', action: 'apply' },
          { id: '002_b', action: 'apply' },
        ],
        leftOut: [],
      },
    }
    expect(calls).toEqual([
      { hook: 'beforeUp', ...common },
      {
        hook: 'afterEach',
        ...run,
        step: { id: '001_a', action: 'apply' },
        durationMs: expect.any(Number),
      },
      {
        hook: 'afterEach',
        ...run,
        step: { id: '002_b', action: 'apply' },
        durationMs: expect.any(Number),
      },
      { hook: 'afterUp', ...common, done: ['001_a', '002_b'], durationMs: expect.any(Number) },
    ])
    expect(await isLocked()).toBe(false)
  })

  test('are not called where nothing is to be done, for a dry run, and for what is not up', async () => {
    const names: string[] = []
    const note = ({ hook }: HookCall) => void names.push(hook)
    const runner = runnerWith({ beforeUp: note, afterEach: note, afterUp: note, onError: note })
    await runner.runMigrations({ dryRun: true })
    await runner.baseline({ through: ['001_a', '002_b'] })
    await runner.runMigrations()
    await runner.mark({ ids: ['002_b'], as: 'pending' })
    await runner.status()
    expect(names).toEqual([])
  })

  test('a failing beforeUp stops before anything ran, and onError is called', async () => {
    const errors: HookCall[] = []
    const runner = runnerWith({
      beforeUp: () => {
        throw new Error('no maintenance window; ask postgres://ada:hunter2@db/x')
      },
      onError: (call) => void errors.push(call),
    })
    await expect(runner.runMigrations()).rejects.toMatchObject({
      code: 'TM7039',
      message: 'the hook "beforeUp" failed: no maintenance window; ask postgres://ada:***@db/x',
      help: 'nothing was applied; fix the hook, or what it found, and run again',
    })
    expect(await tables()).toEqual([])
    expect(await isLocked()).toBe(false)
    expect(errors).toMatchObject([
      { hook: 'onError', done: [], error: { code: 'TM7039', failed: [], notRun: ['001_a', '002_b'] } },
    ])
    expect((await runnerWith({}).runMigrations()).done).toEqual(['001_a', '002_b'])
  })

  test('a failing afterEach and afterUp are reported, and change neither outcome nor records', async () => {
    const events: RunEvent[] = []
    const runner = runnerWith({
      afterEach: async () => Promise.reject(new Error('no chat')),
      afterUp: () => Promise.reject('no mail'),
    })
    const result = await runner.runMigrations({ onEvent: (event) => events.push(event) })
    expect(result).toMatchObject({ outcome: 'done', done: ['001_a', '002_b'] })
    expect(result.hookFailures?.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['TM7039', 'warning', 'the hook "afterEach" failed: no chat'],
      ['TM7039', 'warning', 'the hook "afterEach" failed: no chat'],
      ['TM7039', 'warning', 'the hook "afterUp" failed: no mail'],
    ])
    expect(events.filter(({ kind }) => kind === 'hook_failed')).toHaveLength(3)
    expect(
      await database.query("SELECT DISTINCT status FROM migration_history WHERE direction = 'up'"),
    ).toEqual([{ status: 'completed' }])
  })

  test('onError has the failure and what was done before it; afterUp is not called', async () => {
    await folder.write({ '002_b': 'SELECT 1 / 0;', '003_c': 'CREATE TABLE c ();' })
    const calls: HookCall[] = []
    const note = (call: HookCall) => void calls.push(call)
    const runner = runnerWith({ afterUp: note, onError: note })
    await expect(runner.runMigrations()).rejects.toMatchObject({ code: 'TM5004' })
    expect(calls).toMatchObject([
      {
        hook: 'onError',
        done: ['001_a'],
        error: {
          code: 'TM5004',
          message: expect.stringContaining('division by zero'),
          failed: ['002_b'],
          notRun: ['003_c'],
        },
      },
    ])
  })

  test('a failing onError does not hide the failure', async () => {
    await folder.write({ '002_b': 'SELECT 1 / 0;' })
    const runner = runnerWith({
      onError: () => {
        throw new Error('no pager')
      },
    })
    await expect(runner.runMigrations()).rejects.toMatchObject({ code: 'TM5004' })
  })

  test('one that never ends is given up after hookTimeout, with its signal aborted', async () => {
    const signals: AbortSignal[] = []
    const runner = runnerWith(
      {
        beforeUp: (_, { signal }) => {
          signals.push(signal)
          return new Promise(() => undefined)
        },
      },
      { hookTimeout: '50ms' },
    )
    await expect(runner.runMigrations()).rejects.toMatchObject({
      code: 'TM7039',
      message: 'the hook "beforeUp" failed: it did not end within 50ms (hookTimeout)',
    })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(await tables()).toEqual([])
  })

  test('an interrupt ends a hook, and nothing is applied', async () => {
    const interrupt = new AbortController()
    const called: string[] = []
    const runner = runnerWith({
      beforeUp: (_, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve())
          interrupt.abort()
        }),
      onError: ({ hook }) => void called.push(hook),
    })
    await expect(runner.runMigrations({ signal: interrupt.signal })).rejects.toMatchObject({ code: 'TM5008' })
    expect(await tables()).toEqual([])
    expect(called).toEqual([])
  })
})

describe('a run inside a hook', () => {
  test('on the same target is refused at once, whatever writes; what reads is not', async () => {
    const outcomes: unknown[] = []
    const inner = runnerWith({})
    const runner = runnerWith({
      beforeUp: async () => {
        for (const write of [
          () => inner.runMigrations(),
          () => inner.rollBack(),
          () => inner.mark({ ids: ['001_a'], as: 'completed' }),
          () => inner.baseline({ through: ['001_a'] }),
        ])
          outcomes.push(await write().catch(({ code }) => code))
        outcomes.push((await inner.status()).pending)
        outcomes.push((await inner.runMigrations({ dryRun: true })).outcome)
      },
    })
    expect((await runner.runMigrations()).done).toEqual(['001_a', '002_b'])
    expect(outcomes).toEqual(['TM7040', 'TM7040', 'TM7040', 'TM7040', ['001_a', '002_b'], 'dry_run'])
    expect((await inner.rollBack()).done).toEqual(['002_b'])
  })

  test('is refused under another name of the host, and not on another database or schema', async () => {
    const other = await createTestDatabase()
    onTestFinished(() => other.drop())
    const url = new URL(database.url)
    url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
    const outcomes: unknown[] = []
    const run = async (options: Partial<MigrationRunnerOptions>) =>
      outcomes.push(
        await createMigrationRunner({ database: database.url, migrations: folder.path, ...options })
          .runMigrations()
          .then(({ outcome }) => outcome)
          .catch(({ code }) => code),
      )
    const runner = runnerWith({
      beforeUp: async () => {
        await run({ database: url.href })
        await run({ database: other.url })
      },
    })
    await runner.runMigrations()
    expect(outcomes).toEqual(['TM7040', 'done'])
  })

  test('that a hook left behind is inside it no more', async () => {
    let leave = (): void => undefined
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    let later: Promise<unknown> = Promise.resolve()
    const runner = runnerWith({
      afterUp: () => {
        later = left.then(() => runnerWith({}).rollBack())
      },
    })
    await runner.runMigrations()
    leave()
    expect(await later).toMatchObject({ done: ['002_b'] })
  })
})

describe('commands', () => {
  test('get the call as JSON and the moment as a variable, run in the working directory, and are heard', async () => {
    const events: RunEvent[] = []
    const runner = runnerWith({
      beforeUp: node(
        'console.log(call.hook, process.env.TIDEMARK_HOOK, call.plan.steps.length, call.runId === process.env.TIDEMARK_RUN_ID); console.error(process.cwd())',
      ),
    })
    await runner.runMigrations({ onEvent: (event) => events.push(event) })
    const lines = events.flatMap((event) => (event.kind === 'hook_output' ? [event.line] : []))
    expect(lines.sort()).toEqual([process.cwd(), 'beforeUp beforeUp 2 true'].sort())
  })

  test('are run without a shell', async () => {
    const events: RunEvent[] = []
    const runner = runnerWith({ beforeUp: [process.execPath, '-p', 'process.argv[1]', '$HOME; exit 3'] })
    await runner.runMigrations({ onEvent: (event) => events.push(event) })
    expect(events).toContainEqual({ kind: 'hook_output', hook: 'beforeUp', line: '$HOME; exit 3' })
  })

  test.each([
    [
      'ends with another code than 0',
      node('process.exit(3)'),
      `"${process.execPath}" ended with exit code 3`,
    ],
    [
      'is ended by a signal',
      node("process.kill(process.pid, 'SIGKILL')"),
      `"${process.execPath}" ended with signal SIGKILL`,
    ],
    ['is not there', ['no-such-program'], '"no-such-program" cannot be run: spawn no-such-program ENOENT'],
    ['never ends', node('setInterval(() => {}, 1000)'), 'it did not end within 2s (hookTimeout)'],
  ])('one that %s stops the run', async (_, beforeUp, reason) => {
    const runner = runnerWith({ beforeUp }, { hookTimeout: '2s' })
    await expect(runner.runMigrations()).rejects.toMatchObject({
      code: 'TM7039',
      message: `the hook "beforeUp" failed: ${reason}`,
    })
    expect(await tables()).toEqual([])
  })

  test('one that reads nothing of a large plan, and one that leaves a process behind, end when they end', async () => {
    const many = Array.from({ length: 400 }, (_, place) => [
      `1${String(place).padStart(4, '0')}_${'x'.repeat(200)}`,
      'SELECT 1;',
    ])
    await folder.write(Object.fromEntries(many))
    const background = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], { stdio: 'inherit' }).unref(); process.exit(0)`
    const runner = runnerWith({
      beforeUp: [process.execPath, '-e', 'process.exit(0)'],
      afterUp: [process.execPath, '-e', background],
    })
    const { done, hookFailures } = await runner.runMigrations({ target: '001_a' })
    expect({ done, hookFailures }).toEqual({ done: ['001_a'], hookFailures: undefined })
  })
})

test.each([
  [{ afterup: [] }, '"hooks" is not valid: has no hook "afterup"; did you mean "afterUp"?'],
  [
    { afterUp: 'make seed' },
    '"hooks" is not valid: "afterUp" must be a function, or a command as a list such as ["node", "notify.js"]',
  ],
  [{ afterUp: [] }, '"hooks" is not valid: "afterUp" must be'],
  [{ afterUp: [''] }, '"hooks" is not valid: "afterUp" must be'],
  ['make', '"hooks" is not valid: needs an object'],
])('hooks %j are refused when the runner is made', (hooks, message) => {
  const options = { database: 'postgres://localhost/x', migrations: 'm', hooks }
  expect(() => Reflect.apply(createMigrationRunner, undefined, [options])).toThrow(message)
})
