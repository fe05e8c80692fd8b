import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { ENGINES, SHOP } from '../support/project.ts'
import { file, type Line, NEW, openBranch, startDev } from '../support/start-dev.ts'

beforeAll(buildWhenStale)

describe.each(ENGINES)('tidemark dev on an %s database for development', (engine) => {
  test('what is saved is checked, applied and redone', async () => {
    const project = await openBranch(engine, { development: true })
    const dev = startDev(project)
    expect(await dev.next('watching')).toMatchObject({ migrations: 3, applies: true, why: null })
    expect(await dev.next('applied')).toMatchObject({
      action: 'apply',
      ids: ['001_users', '002_posts', '003_posts_author'],
    })

    await project.write(
      NEW,
      file('ALTER TABLE users ALTER id TYPE bigint;', 'ALTER TABLE users ALTER id TYPE int;'),
    )
    expect(await dev.next('checked')).toMatchObject({
      saved: ['004_new'],
      removed: [],
      check: {
        result: 'findings',
        checked: ['004_new'],
      },
    })
    expect(await dev.next('applied')).toMatchObject({ action: 'apply', ids: ['004_new'] })

    await project.write(NEW, file('ALTER TABLE users ADD note text;', 'ALTER TABLE users DROP note;'))
    expect(await dev.next('checked')).toMatchObject({ saved: ['004_new'], check: { result: 'proven' } })
    expect(await dev.next('applied')).toMatchObject({ action: 'redo', ids: ['004_new'] })

    // On the default branch it may be applied anywhere.
    await project.write(
      'migrations/001_users.sql',
      String(SHOP['migrations/001_users.sql']).replace('id int', 'id bigint'),
    )
    expect(await dev.next('left')).toEqual({
      kind: 'left',
      id: '001_users',
      why: 'it is on main already',
      command: 'tidemark redo 001_users --cascade',
    })
    expect(await dev.end()).toBe(130)
    const { stdout } = await project.run(['status', '--json'])
    expect(JSON.parse(stdout).migrations.map((one: Line) => [one['id'], one['state']])).toEqual([
      ['001_users', 'changed'],
      ['002_posts', 'applied'],
      ['003_posts_author', 'applied'],
      ['004_new', 'applied'],
    ])
  })
})

test('wrong files are shown, and what is right again is checked', async () => {
  const project = await openBranch('none')
  const dev = startDev(project)
  expect(await dev.next('watching')).toMatchObject({ applies: false, why: 'no database is configured' })
  await dev.next('checked')
  await project.write(NEW, '-- Depends on: [003_post]\n-- @up\nSELECT 1;\n')
  expect(await dev.next('problems')).toMatchObject({ error: { code: 'TM2002' } })
  await project.write(NEW, '-- @up\nCREATE TABLE "unclosed')
  expect(await dev.next('problems')).toMatchObject({ error: { code: expect.stringMatching(/^TM1/) } })
  await project.write(NEW, file('CREAT TABLE x ();'))
  expect(await dev.next('checked')).toMatchObject({
    check: { result: 'findings', findings: [{ rule: 'does-not-run', line: 3 }] },
  })
  // As editors save: into another file, which takes the place of the old one.
  await writeFile(join(project.folder, 'migrations/.004_new.sql.swp'), 'x')
  await writeFile(
    join(project.folder, 'migrations/004_new.sql~'),
    file('CREATE TABLE x (id bigint PRIMARY KEY);'),
  )
  await rename(join(project.folder, 'migrations/004_new.sql~'), join(project.folder, NEW))
  expect(await dev.next('checked')).toMatchObject({ saved: ['004_new'], check: { result: 'proven' } })
  await rename(join(project.folder, NEW), join(project.folder, 'migrations/005_new.sql'))
  expect(await dev.next('checked')).toMatchObject({ saved: ['005_new'], removed: ['004_new'] })
  expect(await dev.end('SIGTERM')).toBe(143)
})

test('a save takes the place of a check that does not end; so does Ctrl-C', async () => {
  const project = await openBranch('none')
  const dev = startDev(project)
  await dev.next('checked')
  await project.write(NEW, file('SELECT pg_sleep(1e9);'))
  await project.write('migrations/005_other.sql', '-- Depends on: [no]\n-- @up\nSELECT 1;\n')
  await dev.next('problems')
  await project.write(
    'migrations/005_other.sql',
    `-- Depends on: [004_new]\n-- @up\nCREATE TABLE o (id int PRIMARY KEY);\n`,
  )
  await project.write(NEW, file('CREATE TABLE n (id int PRIMARY KEY);'))
  expect(await dev.next('checked')).toMatchObject({
    saved: ['004_new', '005_other'],
    check: { result: 'proven' },
  })
  await project.write(NEW, file('SELECT pg_sleep(1e9);'))
  expect(await dev.end()).toBe(130)
})

test('a server is touched only where its environment is for development', async () => {
  const project = await openBranch('server')
  const dev = startDev(project)
  expect(await dev.next('watching')).toMatchObject({
    applies: false,
    why: expect.stringMatching(/^the configuration does not say `"development": true` of "/),
  })
  expect(await dev.end()).toBe(130)
})

test('what a hook writes is shown, and that it failed', async () => {
  const hook = ['node', '-e', 'console.log("types written"); process.exit(3)']
  const project = await openBranch('embedded', { hooks: { afterUp: hook } })
  const dev = startDev(project)
  expect(await dev.next('hook')).toEqual({ kind: 'hook', hook: 'afterUp', line: 'types written' })
  expect(await dev.next('failed')).toMatchObject({ error: { code: 'TM7039' } })
  expect(await dev.next('applied')).toMatchObject({ action: 'apply' })
})

test('hooks are called for what is redone, too', async () => {
  const hook = [
    'node',
    '-e',
    'let text = ""; process.stdin.on("data", (part) => { text += part }).on("end", () => console.log(JSON.parse(text).plan.steps.map(({ id, action }) => action + " " + id).join()))',
  ]
  const project = await openBranch('embedded', { hooks: { afterUp: hook } })
  const dev = startDev(project)
  await dev.next('applied')
  await project.write(NEW, file('CREATE TABLE n (id bigint PRIMARY KEY);', 'DROP TABLE n;'))
  expect(await dev.next('hook')).toMatchObject({ line: 'apply 004_new' })
  await dev.next('applied')
  await project.write(NEW, file('CREATE TABLE n (id int PRIMARY KEY);', 'DROP TABLE n;'))
  expect(await dev.next('hook')).toMatchObject({ line: 'roll_back 004_new,apply 004_new' })
  expect(await dev.next('applied')).toMatchObject({ action: 'redo', ids: ['004_new'] })
})
