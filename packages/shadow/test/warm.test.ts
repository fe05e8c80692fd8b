import type { Migration } from '@tidemark/core'
import { describe, expect, test } from 'vitest'
import { createWarmCheck } from '../src/index.ts'
import { pglite, useServer } from './support/engines.ts'
import { migrationOf, tables } from './support/migrations.ts'

const base = tables(3)
const saved = (up: string) => migrationOf('0004_t', { up, dependsOn: ['0003_t'] })
const never = new AbortController().signal

describe.each([pglite, useServer()])('a check on a warm shadow, on $name', (engine) => {
  test('says what was saved does, as often as it is saved, and opens one shadow for that', async () => {
    let opened = 0
    const warm = createWarmCheck({
      open: (migrations) => {
        opened += 1
        return engine.open(migrations)
      },
    })
    await warm.prepare(base, [], never)
    const check = async (one: Migration) => {
      const { findings, statements } = await warm.check([...base, one], [one.id], never)
      return {
        rules: findings.map(({ rule }) => rule),
        rewrites: statements?.flatMap((traced) =>
          traced.statements.map(({ effects }) => effects.rewrites.length),
        ),
      }
    }
    expect(await check(saved('ALTER TABLE t0001 ALTER id TYPE bigint;'))).toEqual({
      rules: ['type-change-rewrite'],
      rewrites: [1],
    })
    expect(await check(saved('ALTER TABLE t0001 ADD note text;'))).toEqual({ rules: [], rewrites: [0] })
    expect(await check(saved('ALTER TABLE t0001 ADD note nonsense;'))).toMatchObject({
      rules: ['does-not-run'],
    })
    expect(await check(saved('ALTER TABLE t0001 ADD note text;'))).toEqual({ rules: [], rewrites: [0] })
    expect(opened).toBe(1)
    await warm.close()
  })

  test('two files are saved in turn, the later one on the earlier', async () => {
    const warm = createWarmCheck({ open: engine.open })
    const other = migrationOf('0005_t', { up: 'ALTER TABLE extra ADD n int;', dependsOn: ['0004_t'] })
    const check = async (all: readonly Migration[], id: string) =>
      (await warm.check([...base, ...all], [id], never)).findings.map(({ rule }) => rule)
    const first = saved('CREATE TABLE extra (id bigint PRIMARY KEY);')
    expect(await check([first], '0004_t')).toEqual([])
    expect(await check([first, other], '0005_t')).toEqual([])
    const renamed = saved('CREATE TABLE renamed (id bigint PRIMARY KEY);')
    expect(await check([renamed], '0004_t')).toEqual([])
    expect(await check([renamed, other], '0005_t')).toEqual(['does-not-run'])
    await warm.close()
  })

  test('a file of the base is edited, fails, and is right again', async () => {
    const warm = createWarmCheck({ open: engine.open })
    await warm.prepare(base, [], never)
    const edited = (up: string) => [...base.slice(0, 2), migrationOf('0003_t', { up, dependsOn: ['0002_t'] })]
    const check = async (all: readonly Migration[], id: string) =>
      (await warm.check(all, [id], never)).findings.map(({ rule, migrationId }) => `${migrationId} ${rule}`)
    expect(await check(edited('CREATE TABLE t0001 (id int);'), '0003_t')).toEqual(['0003_t does-not-run'])
    expect(await check(edited('CREATE TABLE other (id bigint PRIMARY KEY);'), '0003_t')).toEqual([])
    await warm.close()
  })

  test('the signal of a check that is over ends nothing of the next', async () => {
    const warm = createWarmCheck({ open: engine.open })
    const first = new AbortController()
    const next = saved('ALTER TABLE t0001 ADD note text;')
    await warm.check([...base, next], [next.id], first.signal)
    first.abort()
    expect((await warm.check([...base, next], [next.id], never)).findings).toEqual([])
    await warm.close()
  })

  test('a statement that does not end is ended by a signal, and the next check is right', async () => {
    const warm = createWarmCheck({ open: engine.open })
    await warm.prepare(base, [], never)
    for (const sleeping of [
      saved('DO $$ BEGIN PERFORM pg_sleep(1e9); END $$;'),
      migrationOf('0004_t', { up: 'SELECT pg_sleep(1e9);', transaction: 'none', dependsOn: ['0003_t'] }),
    ]) {
      const stop = new AbortController()
      const check = warm.check([...base, sleeping], ['0004_t'], stop.signal)
      setTimeout(() => stop.abort(), 200)
      await expect(check).rejects.toMatchObject({ name: 'AbortError' })
    }
    const { findings } = await warm.check([...base, saved('ALTER TABLE t0001 ADD n int;')], ['0004_t'], never)
    expect(findings).toEqual([])
    await warm.close()
  })
})
