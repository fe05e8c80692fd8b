import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

type Line = Readonly<Record<string, unknown>>

interface Dev {
  /** Waits for the next line of a kind, and gives it with what came before. */
  next(kind: string): Promise<Line>
  /** Ends it, and gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

function startDev(
  { folder, database }: Pick<Project, 'folder' | 'database'>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Dev {
  const url = database === '' ? {} : { TIDEMARK_DATABASE_URL: database }
  const child = spawn(process.execPath, [ENTRY, 'dev', '--json', ...args], {
    cwd: folder,
    env: { ...plainEnvironment(), ...url, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next(kind) {
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error(`it ended before "${kind}"`)
        const line: Line = JSON.parse(String(value))
        if (line['kind'] === kind) return line
      }
    },
    async end(signal = 'SIGINT') {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}

function git(folder: string, ...args: readonly string[]): void {
  const settings = ['user.name=ada', 'user.email=ada@example.org', 'init.defaultBranch=main']
  execFileSync('git', [...settings.flatMap((one) => ['-c', one]), ...args], { cwd: folder, stdio: 'pipe' })
}

/** A project on a branch of its own; SHOP is on the default branch. */
async function openBranch(engine: Parameters<typeof openProject>[1], config: object = {}): Promise<Project> {
  const project = await openProject({ ...SHOP, 'tidemark.config.json': JSON.stringify(config) }, engine)
  git(project.folder, 'init', '--quiet')
  git(project.folder, 'add', '.')
  git(project.folder, 'commit', '--quiet', '-m', 'all')
  git(project.folder, 'switch', '--quiet', '-c', 'feature')
  return project
}

const DEPENDS = '-- Depends on: [003_posts_author]\n'
const file = (up: string, down = 'SELECT 1;') => `${DEPENDS}-- @up\n${up}\n-- @down\n${down}\n`
const NEW = 'migrations/004_new.sql'

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
