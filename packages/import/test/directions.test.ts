import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Diagnostic } from '@tidemark/core'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  FORMAT_NAMES,
  type FormatName,
  type Import,
  importMigrations,
  readForeignFolder,
} from '../src/index.ts'

type Files = Readonly<Record<string, string>>

function importFiles(format: FormatName, files: Files): Import {
  const read = Object.entries(files).map(([name, text]) => ({
    name,
    path: name,
    text: /\.(sql|json|toml|conf)$/.test(name) ? text : undefined,
  }))
  return importMigrations({ format, files: read, out: 'out', trackingSchema: 'public' })
}

/** The SQL of each imported file, by id: what is in @up, and what is in @down. */
function sectionsOf({ migrations }: Import): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    migrations.map(({ id, text }) => {
      const [, up = '', down = 'none'] = text.split(/^-- @(?:up|down)$/m)
      return [id, [up.trim(), down.trim()]]
    }),
  )
}

function describeFindings(findings: readonly Diagnostic[]): readonly string[] {
  return findings.map(
    ({ code, severity, message, source }) => `${source?.path} ${severity} ${code}: ${message}`,
  )
}

/** How tools write one migration with a way forward and a way back, by a title and the SQL of both. */
type Writer = (title: string, up: string, down: string) => Files

const PAIRS: readonly Writer[] = [
  (title, up, down) => ({ [`${title}.up.sql`]: up, [`${title}.down.sql`]: down }),
  (title, up, down) => ({ [`${title}.sql`]: up, [`${title}.down.sql`]: down }),
  (title, up, down) => ({ [`${title}.sql`]: up, [`${title}_down.sql`]: down }),
  (title, up, down) => ({ [`${title}-up.sql`]: up, [`${title}-down.sql`]: down }),
  (title, up, down) => ({ [`${title}.sql`]: up, [`down/${title}.sql`]: down }),
  (title, up, down) => ({ [`${title}/up.sql`]: up, [`${title}/down.sql`]: down }),
  (title, up, down) => ({
    [`${title}/migration.sql`]: up,
    [`${title}/down.sql`]: down,
    [`${title}/snapshot.json`]: '',
  }),
  (title, up, down) => ({ [`a/${title}.sql`]: up, [`a/rollback/${title}.sql`]: down }),
  (title, up, down) => ({ [`${title}.do.x.sql`]: up, [`${title}.undo.x.sql`]: down }),
  (title, up, down) => ({ [`migrate-${title}.sql`]: up, [`rollback-${title}.sql`]: down }),
  (title, up, down) => ({
    [`V${title.replace('_', '__')}.sql`]: up,
    [`U${title.replace('_', '__')}.sql`]: down,
  }),
  (title, up, down) => ({
    [`V${title.replace('_', '__')}.sql`]: up,
    [`undo/V${title.replace('_', '__')}.sql`]: down,
  }),
  (title, up, down) => ({ [`deploy/${title}.sql`]: up, [`revert/${title}.sql`]: down }),
  (title, up, down) => ({ [`${title}_up.sql`]: up, [`${title}_dn.sql`]: down }),
  (title, up, down) => ({ [`${title}_upgrade.sql`]: up, [`${title}_downgrade.sql`]: down }),
  (title, up, down) => ({ [`forward/${title}.sql`]: up, [`reverse/${title}.sql`]: down }),
  (title, up, down) => ({ [`${title}.sql`]: up, [`backout/${title}.sql`]: down }),
  (title, up, down) => ({ [`${title}.apply.sql`]: up, [`${title}.unapply.sql`]: down }),
  (title, _, down) => ({ [`${title}.ROLLBACK.sql`]: down }),
]

const MARKS: readonly (readonly [string, string])[] = [
  ['-- migrate:up', '-- migrate:down'],
  ['-- migrate:up transaction:false', ' --migrate:down  transaction:false'],
  ['-- +goose Up', '-- +goose Down'],
  ['--+goose up', '  -- +goose down: takes it back'],
  ['-- +migrate Up', '-- +migrate Down'],
  ['-- +micrate Up', '-- +micrate Down'],
  ['-- rambler up', '-- rambler down'],
  ['-- // new', '-- //@UNDO'],
  ['# --- !Ups', '# --- !Downs'],
  ['-- first', '---- create above / drop below ----'],
]

// What only says so in plain words counts where the tool of the format does not run the whole file.
const WORDS: readonly (readonly [string, string])[] = [
  ['-- Up Migration', '-- Down Migration'],
  ['-- ==== UP ====', '-- ==== DOWN ===='],
  ['-- up', '-- @undo'],
  ['-- forward', '-- backward'],
  ['-- upgrade', '-- downgrade'],
  ['-- begin up', '-- begin down'],
  ['-- +duck Up', '-- +duck Down'],
  ['/* up */', '/* Rollback */'],
]

const written = (marks: readonly (readonly [string, string])[]): readonly Writer[] =>
  marks.flatMap(([forward, back]): Writer[] => [
    (title, up, down) => ({ [`${title}.sql`]: `${forward}\n${up}\n${back}\n${down}` }),
    (title, up, down) => ({ [`${title}.sql`]: `${back}\n${down}\n${forward}\n${up}` }),
    (title, up, down) => ({ [`${title}.sql`]: `${up}\n${back}\n${down}` }),
    (title, up, down) => ({
      [`${title}.sql`]: `${forward}\n${up}\n${back}\n${down}\n${forward}\n${up}\n${back}\n${down}`,
    }),
    (title, _, down) => ({ [`${title}.sql`]: `${back}\n${down}` }),
  ])

const OTHERS = [
  'notes.sql',
  'seed/1.sql',
  '1.SQL',
  '2_fill.ts',
  'x/3_fill.go',
  'data.csv',
  'README.md',
  'linked/',
]

function projects(format: FormatName): fc.Arbitrary<Files> {
  const runsWhole = !['plain', 'goose', 'dbmate', 'sql-migrate'].includes(format)
  const writers = [...PAIRS, ...written(MARKS), ...(runsWhole ? [] : written(WORDS))]
  const title = fc
    .tuple(fc.nat(3), fc.constantFrom('users', 'slow_down', 'undo_posts', 'up', 'a.b', 'reverted'))
    .map(([number, words]) => `${number + 1}_${words}`)
  const migration = fc.tuple(fc.constantFrom(...writers), title)
  return fc
    .tuple(fc.array(migration, { minLength: 1, maxLength: 4 }), fc.subarray(OTHERS))
    .map(([migrations, others]) =>
      Object.assign(
        Object.fromEntries(others.map((name) => [name, 'SELECT 1;\n'])),
        ...migrations.map(([write, name], index) =>
          write(name, `CREATE TABLE forward_${index} ();\n`, `DROP TABLE back_${index};\n`),
        ),
      ),
    )
}

describe.each(FORMAT_NAMES)('whatever is read as %s', (format) => {
  test('no rollback becomes part of an @up, and no file is left out silently', () => {
    fc.assert(
      fc.property(projects(format), (files) => {
        const result = importFiles(format, files)
        const ups = Object.values(sectionsOf(result)).map(([up]) => up)
        expect(ups.join()).not.toContain('DROP TABLE back')
        const read = result.migrations.map(({ foreign: { up } }) => up.source.text)
        const forward = new Set(read.join().match(/CREATE TABLE forward_\d+/g))
        expect(new Set(ups.join().match(/CREATE TABLE forward_\d+/g))).toEqual(forward)
        if (result.findings.some(({ severity }) => severity === 'error')) return
        const known = new Set([
          ...result.migrations.flatMap(({ foreign: { up, down } }) => [up.source.path, down?.source.path]),
          ...result.findings.map(({ source }) => source?.path),
        ])
        expect(Object.keys(files).filter((name) => !known.has(name) && !name.endsWith('.json'))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('which way goes what, in', () => {
  test('goose with the way back first', () => {
    const text = '-- kept\n-- +goose Down\nDROP TABLE a;\n-- +goose Up\nCREATE TABLE a ();\n'
    const result = importFiles('goose', { '1_a.sql': text })
    expect(sectionsOf(result)).toEqual({ '1_a': ['CREATE TABLE a ();', '-- kept\nDROP TABLE a;'] })
    expect(describeFindings(result.findings)).toEqual([])
  })

  test('dbmate with the way back first, and with several sections in one file', () => {
    const several =
      'CREATE TABLE b ();\n-- migrate:down\nDROP TABLE b;\n-- migrate:up\nCREATE TABLE c ();\n-- migrate:down\nDROP TABLE c;'
    const result = importFiles('dbmate', {
      '1_a.sql': '-- migrate:down\nDROP TABLE a;\n-- migrate:up\nCREATE TABLE a ();\n',
      '2_b.sql': `-- migrate:up\n${several}\n`,
    })
    expect(sectionsOf(result)).toEqual({
      '1_a': ['CREATE TABLE a ();', 'DROP TABLE a;'],
      '2_b': ['CREATE TABLE b ();', 'DROP TABLE b;'],
      '2_b-2': ['CREATE TABLE c ();', 'DROP TABLE c;'],
    })
    expect(describeFindings(result.findings)).toEqual([])
  })

  test('a file that cannot be divided, which is refused', () => {
    const repeated = '-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n-- +goose Up\nSELECT 3;\n'
    expect(describeFindings(importFiles('goose', { '1_a.sql': repeated }).findings)).toEqual([
      '1_a.sql error TM7035: "-- +goose Up" comes a second time',
    ])
    const before = 'SELECT 1;\n-- Down Migration\nSELECT 2;\n-- Up Migration\nSELECT 3;\n'
    expect(describeFindings(importFiles('plain', { '1_a.sql': before }).findings)).toEqual([
      '1_a.sql error TM7035: there is SQL before "-- Down Migration", in no section',
    ])
  })

  test('a file that a tool would run, though its name says that it goes back', () => {
    const result = importFiles('flyway', {
      'V1__a.sql': 'SELECT 1;',
      'V1__a.down.sql': 'SELECT -1;',
      'undo/V1__a.sql': 'SELECT -2;',
      'V2__slow_down.sql': 'SELECT 2;',
    })
    expect(sectionsOf(result)).toEqual({
      V1__a: ['SELECT 1;', 'none'],
      V2__slow_down: ['SELECT 2;', 'none'],
    })
    const back = 'warning TM7031: its name says that it goes back: it is not a migration'
    expect(describeFindings(result.findings)).toEqual([`V1__a.down.sql ${back}`, `undo/V1__a.sql ${back}`])
    const unmarked = importFiles('goose', {
      '1_a.sql': '-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT -1;\n',
      '2_b_down.sql': 'SELECT -2;',
    })
    expect(sectionsOf(unmarked)).toEqual({ '1_a': ['SELECT 1;', 'SELECT -1;'] })
    expect(describeFindings(unmarked.findings)).toEqual([`2_b_down.sql ${back}`])
  })

  test('a plain file that begins with a way back and has nothing else, which is reported', () => {
    const result = importFiles('plain', { '1_a.sql': '-- Rollback:\nDROP TABLE a;\n' })
    expect(sectionsOf(result)).toEqual({ '1_a': ['SELECT 1;', 'DROP TABLE a;'] })
    expect(describeFindings(result.findings)).toEqual([
      '1_a.sql warning TM7033: all of it follows "-- Rollback:", so all of it becomes "-- @down"',
    ])
  })

  test('two pairs of golang-migrate that share a number', () => {
    const result = importFiles('golang-migrate', {
      '2_first.up.sql': 'SELECT 1;',
      '2_first.down.sql': 'SELECT -1;',
      '2_second.up.sql': 'SELECT 2;',
      '2_second.down.sql': 'SELECT -2;',
      '3_third.up.sql': 'SELECT 3;',
      '03_renamed.down.sql': 'SELECT -3;',
      '4_a.up.sql': 'SELECT 4;',
      '4_b.down.sql': 'SELECT -4;',
      '4_c.down.sql': 'SELECT -5;',
    })
    expect(sectionsOf(result)).toEqual({
      '2_first': ['SELECT 1;', 'SELECT -1;'],
      '2_second': ['SELECT 2;', 'SELECT -2;'],
      '3_third': ['SELECT 3;', 'SELECT -3;'],
      '4_a': ['SELECT 4;', 'SELECT 1;'],
    })
    expect(describeFindings(result.findings)).toEqual([
      '4_b.down.sql warning TM7031: a down file without its up file',
      '4_c.down.sql warning TM7031: a down file without its up file',
      '2_second.up.sql warning TM7033: it has the same version as "2_first.up.sql"',
    ])
  })

  test('two versions of Flyway that are the same', () => {
    const result = importFiles('flyway', {
      'V1__a.sql': 'SELECT 1;',
      'V1__b.sql': 'SELECT 2;',
      'U1__b.sql': 'SELECT -2;',
      'V2__c.sql': 'SELECT 3;',
      'U2__renamed.sql': 'SELECT -3;',
    })
    expect(sectionsOf(result)).toEqual({
      V1__a: ['SELECT 1;', 'none'],
      V1__b: ['SELECT 2;', 'SELECT -2;'],
      V2__c: ['SELECT 3;', 'SELECT -3;'],
    })
  })

  test.each<[FormatName, Files]>([
    ['goose', { '1_a.sql': '-- +goose Up\nSELECT 2;\n-- +goose Down\n' }],
    ['goose', { '1_a.sql': '-- +goose Up\nSELECT 2;\n' }],
    ['dbmate', { '1_a.sql': '-- migrate:up\nSELECT 2;\n-- migrate:down\n' }],
    ['dbmate', { '1_a.sql': '-- migrate:up\nSELECT 2;\n' }],
    ['golang-migrate', { '1_a.up.sql': 'SELECT 2;', '1_a.down.sql': '' }],
    ['golang-migrate', { '1_a.up.sql': 'SELECT 2;' }],
    ['flyway', { 'V1__a.sql': 'SELECT 2;', 'U1__a.sql': '' }],
    ['plain', { '1_a.sql': 'SELECT 2;', '1_a.down.sql': '' }],
  ])('%s, where the tool rolls back by doing nothing: %o', (format, files) => {
    expect(Object.values(sectionsOf(importFiles(format, files)))).toEqual([['SELECT 2;', 'SELECT 1;']])
  })

  test.each<[FormatName, Files]>([
    ['supabase', { '1_a.sql': 'SELECT 2;' }],
    ['prisma', { 'a/migration.sql': 'SELECT 2;' }],
    ['flyway', { 'V1__a.sql': 'SELECT 2;' }],
    ['plain', { '1_a.sql': 'SELECT 2;' }],
  ])('%s, where the tool has nothing to roll back with: %o', (format, files) => {
    expect(Object.values(sectionsOf(importFiles(format, files)))).toEqual([['SELECT 2;', 'none']])
  })

  test('a file named as a way back that belongs to no other', () => {
    const result = importFiles('plain', {
      '1_users.down.sql': 'DROP TABLE users;',
      '2_slow_down.sql': 'SELECT 2;',
      '3_undo_that.sql': 'SELECT 3;',
      '4_scroll_down.sql': '-- Up Migration\nSELECT 4;\n-- Down Migration\nSELECT -4;\n',
      '5_up.sql': 'SELECT 5;',
    })
    expect(sectionsOf(result)).toEqual({
      '3_undo_that': ['SELECT 3;', 'none'],
      '4_scroll_down': ['SELECT 4;', 'SELECT -4;'],
      '5_up': ['SELECT 5;', 'none'],
    })
    const alone = 'warning TM7031: its name says that it goes back, and no file goes forward under that name'
    expect(describeFindings(result.findings)).toEqual([
      `1_users.down.sql ${alone}`,
      `2_slow_down.sql ${alone}`,
      '3_undo_that.sql warning TM7033: its name may say that it goes back: it is imported as a way forward',
    ])
  })

  test('a comment such as "-- down" where the tool runs the whole file, which is reported', () => {
    const { migrations } = importFiles('supabase', { '1_a.sql': 'SELECT 1;\n-- down\nSELECT 2;\n' })
    expect(describeFindings(migrations.flatMap(({ findings }) => findings))).toEqual([
      '1_a.sql warning TM7033: "-- down" may begin a way back: Supabase runs it as part of the way forward, and so does the imported file',
    ])
    const comments =
      'SELECT 1;\n-- down\n-- DROP TABLE a;\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- down\nSELECT 1\n$$;'
    const quiet = importFiles('supabase', { '1_a.sql': comments.replace('-- down\n', '') })
    expect(describeFindings(quiet.migrations.flatMap(({ findings }) => findings))).toEqual([])
  })
})

test('ids keep the folder where the file says nothing, and shared numbers are reported', () => {
  const result = importFiles('plain', {
    'default/1_users/up.sql': 'SELECT 1;',
    'default/1_users/down.sql': 'SELECT -1;',
    'default/2_posts/up.sql': 'SELECT 2;',
    'later/3_tags.sql': 'SELECT 3;',
    'more/3_tags.sql': 'SELECT 4;',
    'up.sql': 'SELECT 5;',
  })
  expect(sectionsOf(result)).toEqual({
    up: ['SELECT 5;', 'none'],
    '1_users': ['SELECT 1;', 'SELECT -1;'],
    '2_posts': ['SELECT 2;', 'none'],
    later_3_tags: ['SELECT 3;', 'none'],
    more_3_tags: ['SELECT 4;', 'none'],
  })
  expect(describeFindings(result.findings)).toEqual([
    'more/3_tags.sql warning TM7033: it has the same version as "later/3_tags.sql"',
  ])
})

test('every file that is not imported is reported', () => {
  const result = importFiles('prisma', {
    'migration_lock.toml': 'provider = "postgresql"',
    '1_a/migration.sql': 'SELECT 1;',
    '2_b/migration.ts': '',
    '3_c/down.sql': 'SELECT 3;',
    '4_d/deep/migration.sql': 'SELECT 4;',
    '5_e/migration.SQL': '',
    'README.md': '',
    'data.csv': '',
    'elsewhere/': '',
  })
  expect(describeFindings(result.findings)).toEqual([
    '4_d/deep/migration.sql warning TM7031: ignored by Prisma: only FOLDER/migration.sql is a migration',
    '2_b/migration.ts warning TM7031: a step in code is not imported',
    '3_c/down.sql warning TM7031: SQL that is not imported: it is not where its tool looks for migrations',
    '5_e/migration.SQL warning TM7031: not imported: its name does not end in ".sql"',
    'README.md note TM7031: not imported, since it is not SQL: README.md',
    'data.csv warning TM7031: not imported, since it is not SQL: data.csv',
    'elsewhere/ warning TM7031: a link to a folder: its files are not read',
  ])
})

test('a hidden file or folder is read by nobody, and reported', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-hidden-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const path of [
    '1_a.sql',
    '.2_b.sql',
    '.env',
    '.gitkeep',
    '.old/3_c.sql',
    'sub/.DS_Store',
    'node_modules/x/4_d.sql',
  ]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), 'SELECT 1;\n')
  }
  const { files } = await readForeignFolder(folder)
  const named = files.map((file) => ({ ...file, path: file.name }))
  const result = importMigrations({ format: 'plain', files: named, out: 'out', trackingSchema: 'public' })
  expect(Object.keys(sectionsOf(result))).toEqual(['1_a'])
  expect(describeFindings(result.findings)).toEqual([
    '.2_b.sql warning TM7031: not imported: a hidden file',
    '.env warning TM7031: not imported: a hidden file',
    '.gitkeep note TM7031: not imported: a hidden file',
    '.old/ warning TM7031: not imported: a hidden folder',
    'node_modules/ note TM7031: not imported: a folder of packages',
    'sub/.DS_Store note TM7031: not imported: a hidden file',
  ])
})

test('a folder of ways back that is named by itself is refused', () => {
  const files = [{ name: '1_a.sql', path: 'old/revert/1_a.sql', text: 'DROP TABLE a;' }]
  const { migrations, findings } = importMigrations({
    format: 'plain',
    files,
    out: 'out',
    trackingSchema: 'public',
  })
  expect(migrations).toEqual([])
  expect(describeFindings(findings)).toEqual([
    'old/revert/1_a.sql error TM7035: the name of its folder, "revert", says that it goes back',
  ])
})

test('one folder of Diesel that is named by itself gives its name', () => {
  const files = ['up.sql', 'down.sql'].map((name) => ({
    name,
    path: `old/1_a/${name}`,
    text: `SELECT '${name}';`,
  }))
  const result = importMigrations({ format: 'plain', files, out: 'out', trackingSchema: 'public' })
  expect(sectionsOf(result)).toEqual({ '1_a': ["SELECT 'up.sql';", "SELECT 'down.sql';"] })
})

describe('names of opposite meaning in a plain folder', () => {
  const HELP = 'if both go forward, number them'

  test.each([
    ['install_audit.sql', 'uninstall_audit.sql'],
    ['001_create_users.sql', '001_drop_users.sql'],
    ['users-create.sql', 'users-destroy.sql'],
    ['auth/setup.sql', 'auth/teardown.sql'],
    ['001_a.sql', 'R001_a.sql'],
    ['V2_b.sql', 'U2_b.sql'],
    ['db/ENABLE_rls.sql', 'db/Disable_rls.sql'],
  ])('%s and %s: nothing is imported', (forward, back) => {
    const { findings } = importFiles('plain', { [forward]: 'SELECT 1;', [back]: 'SELECT 2;' })
    const [finding] = findings.filter(({ code }) => code === 'TM7035')
    expect(finding).toMatchObject({ severity: 'error', source: { path: back } })
    expect(finding?.help).toContain(HELP)
  })

  test.each([
    [['001_create_users.sql', '002_drop_users.sql']],
    [['drop_users.sql', 'create_orders.sql']],
    [['1_set.sql', '2_unset.sql']],
    [['constructor.sql', 'toString.sql']],
  ])('%j are steps forward', (names) => {
    const { findings, migrations } = importFiles(
      'plain',
      Object.fromEntries(names.map((name) => [name, 'SELECT 1;'])),
    )
    expect(findings.filter(({ code }) => code === 'TM7035')).toEqual([])
    expect(migrations).toHaveLength(2)
  })
})
