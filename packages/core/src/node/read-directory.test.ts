import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDirectoryReader } from './read-directory.ts'

let base: string

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidemark-read-'))
})

afterEach(async () => {
  await rm(base, { recursive: true, force: true })
})

test('every .sql file of the tree is read, sorted by id, and all else is passed over', async () => {
  await put('m/010_c.sql')
  await put('m/2_b.sql')
  await put('m/billing/deep/001_a.sql')
  await put('m/.hidden.sql', 'not SQL')
  await put('m/.git/x.sql', 'not SQL')
  await put('m/README.md', 'not SQL')
  await put('m/001_a.sql.orig', 'not SQL')
  await put('m/.DS_Store', '\0')
  expect(await readPaths()).toEqual(['m/billing/deep/001_a.sql', 'm/2_b.sql', 'm/010_c.sql'])
})

test('an ending in upper case is the same ending, and the same id', async () => {
  await put('m/001_a.SQL')
  await put('m/002_b.Sql')
  const read = await reader().readMigrations()
  if (!read.ok) throw new Error('both are migrations')
  expect(read.value.migrations.map(({ id, source }) => [id, source.path])).toEqual([
    ['001_a', 'm/001_a.SQL'],
    ['002_b', 'm/002_b.Sql'],
  ])
  expect(read.value.notes).toEqual([])
})

test('a name with something after .sql is a warning, but not what editors and merges keep', async () => {
  await put('m/001_a.sql')
  for (const name of ['002_b.sql.txt', '003_c.SQL.gz', '004_d.sql ', '005_e.sql.', '006_f.sql.disabled'])
    await put(`m/${name}`, 'not SQL')
  for (const name of ['007_g.sql~', '008_h.sql.orig', '009_i.sql.bak', 'a.sqlite', 'README.md'])
    await put(`m/${name}`, 'not SQL')
  const read = await reader().readMigrations()
  if (!read.ok) throw new Error('one is a migration, the others are not read')
  expect(read.value.migrations.map(({ id }) => id)).toEqual(['001_a'])
  expect(read.value.notes.map(({ code, severity, message }) => `${severity} ${code}: ${message}`)).toEqual(
    ['002_b.sql.txt', '003_c.SQL.gz', '004_d.sql ', '005_e.sql.', '006_f.sql.disabled'].map(
      (name) => `warning TM7028: "m/${name}" is not read: its name does not end in .sql`,
    ),
  )
})

test('more files than one slice holds are all read once', async () => {
  const ids = Array.from({ length: 300 }, (_, index) => `${index + 1}_a`)
  for (const id of ids) await put(`m/${id}.sql`)
  expect(await readPaths()).toEqual(ids.map((id) => `m/${id}.sql`))
})

test('links are followed, each folder and its loops once', async () => {
  await put('m/001_a.sql')
  await put('elsewhere/002_b.sql')
  await put('003_c.sql')
  await symlink('..', join(base, 'm/parent'))
  await symlink('.', join(base, 'm/self'))
  await symlink('../elsewhere', join(base, 'm/linked'))
  await symlink('../003_c.sql', join(base, 'm/003_c.sql'))
  await symlink('nowhere', join(base, 'm/dangling'))
  const paths = (await readPaths()).map((path) => path.slice(path.lastIndexOf('/') + 1))
  expect(paths.filter((name) => name === '001_a.sql')).toHaveLength(1)
  expect(paths.filter((name) => name === '002_b.sql')).toHaveLength(1)
})

test('all problems of all files come at once, in the order of the files', async () => {
  await put('m/010_a.sql', 'SELECT 1;')
  await put('m/9_a.sql', '-- @up\nCOMMIT;\n-- Type: x\n-- @dwon\n')
  await put('m/008 ä.sql')
  await writeFile(join(base, 'm/007_latin1.sql'), Buffer.from([0x61, 0xe9]))
  const read = await reader().readMigrations()
  if (read.ok) throw new Error('four files are wrong')
  expect(read.error.map(({ code, source }) => `${source?.path} ${code}`)).toEqual([
    'm/007_latin1.sql TM1025',
    'm/008 ä.sql TM1003',
    'm/9_a.sql TM1018',
    'm/9_a.sql TM1010',
    'm/010_a.sql TM1001',
  ])
})

test('the tracking schema is guarded', async () => {
  await put('m/001_a.sql', '-- @up\nDROP SCHEMA tidemark;\n')
  expect((await reader().readMigrations()).ok).toBe(true)
  expect(
    (await createDirectoryReader({ directory: join(base, 'm'), schema: 'tidemark' }).readMigrations()).ok,
  ).toBe(false)
})

test('an empty folder is no error but a warning', async () => {
  await mkdir(join(base, 'm'))
  expect(await reader().readMigrations()).toEqual({
    ok: true,
    value: {
      migrations: [],
      notes: [
        {
          code: 'TM7023',
          severity: 'warning',
          message: 'the migrations folder "m" contains no .sql file',
          help: 'create the first migration: `tidemark new NAME`',
        },
      ],
    },
  })
})

test('a folder that is missing, or a file, is named', async () => {
  await put('a.sql')
  await expect(reader().readMigrations()).rejects.toMatchObject({
    code: 'TM7020',
    message: 'the migrations folder "m" does not exist',
  })
  await expect(
    createDirectoryReader({ directory: join(base, 'a.sql'), base }).readMigrations(),
  ).rejects.toMatchObject({
    code: 'TM7021',
    message: '"a.sql" is a file, not a folder of migrations',
  })
})

test('a link that leads nowhere is named, never skipped', async () => {
  await mkdir(join(base, 'm'))
  await symlink('nowhere', join(base, 'm/001_a.sql'))
  await expect(reader().readMigrations()).rejects.toMatchObject({
    code: 'TM7022',
    message: 'cannot read "m/001_a.sql": ENOENT: no such file or directory',
  })
})

test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'a file without permission is named',
  async () => {
    await put('m/001_a.sql')
    await chmod(join(base, 'm/001_a.sql'), 0)
    await expect(reader().readMigrations()).rejects.toMatchObject({
      code: 'TM7022',
      message: 'cannot read "m/001_a.sql": EACCES: permission denied',
    })
  },
)

test('reading ends when it is aborted', async () => {
  await put('m/001_a.sql')
  await expect(reader().readMigrations(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
})

function reader() {
  return createDirectoryReader({ directory: join(base, 'm'), base })
}

async function readPaths(): Promise<readonly string[]> {
  const read = await reader().readMigrations()
  if (!read.ok) throw new Error(read.error.map(({ message }) => message).join('\n'))
  return read.value.migrations.map(({ source }) => source.path)
}

async function put(path: string, text = '-- @up\nSELECT 1;\n'): Promise<void> {
  await mkdir(dirname(join(base, path)), { recursive: true })
  await writeFile(join(base, path), text)
}
