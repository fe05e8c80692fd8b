import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createPlaceFinder } from './place-of-file.ts'

let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'places-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await write('app/migrations/001_old.sql')
})

async function write(path: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), '-- @up\n')
}

function git(...args: readonly string[]): void {
  const settings = ['user.name=ada', 'user.email=ada@example.org', 'init.defaultBranch=main']
  execFileSync('git', [...settings.flatMap((one) => ['-c', one]), ...args], { cwd: root, stdio: 'pipe' })
}

function commitAll(): void {
  git('add', '.')
  git('commit', '--quiet', '--allow-empty', '-m', 'more')
}

/** A branch with one committed and one new file. */
async function openBranch(): Promise<void> {
  git('init', '--quiet')
  commitAll()
  git('switch', '--quiet', '-c', 'feature')
  await write('app/migrations/002_committed.sql')
  commitAll()
  await write('app/migrations/more/003_new.sql')
}

async function find(path: string, folder = 'app/migrations') {
  const { why, patchPath } = await (await createPlaceFinder(join(root, folder)))(join(root, folder, path))
  return { why, patchPath }
}

test('files of this branch may be written, committed or not; those of the default branch may not', async () => {
  await openBranch()
  expect(await find('001_old.sql')).toEqual({
    why: 'it is on main already',
    patchPath: 'app/migrations/001_old.sql',
  })
  expect(await find('002_committed.sql')).toEqual({
    why: null,
    patchPath: 'app/migrations/002_committed.sql',
  })
  expect(await find('more/003_new.sql')).toEqual({ why: null, patchPath: 'app/migrations/more/003_new.sql' })
  git('checkout', '--quiet', '--detach')
  expect((await find('002_committed.sql')).why).toBeNull()
  // What main got since does not count as of this branch.
  git('switch', '--quiet', 'main')
  expect((await find('more/003_new.sql')).why).toBeNull()
})

test('a branch of the remote is the default one', async () => {
  await openBranch()
  git('update-ref', 'refs/remotes/origin/trunk', 'HEAD')
  git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk')
  expect((await find('002_committed.sql')).why).toBe('it is on origin/trunk already')
})

test('without history nothing is known to be new', async () => {
  expect(await find('001_old.sql')).toMatchObject({
    why: 'this is no git repository, so it is not known which files are new',
  })
  git('init', '--quiet', '--initial-branch=feature')
  expect((await find('001_old.sql')).why).toBe('there is no default branch, such as origin/main or main')
  commitAll()
  git('switch', '--quiet', '--orphan', 'main')
  git('commit', '--quiet', '--allow-empty', '-m', 'apart')
  git('switch', '--quiet', 'feature')
  expect((await find('001_old.sql')).why).toBe('this branch has no commit in common with main')
})

test('a shallow clone does not know where the branch began', async () => {
  await openBranch()
  const clone = join(root, 'clone')
  git('clone', '--quiet', '--depth=1', `file://${root}`, clone)
  await writeFile(join(clone, 'app/migrations/009_x.sql'), '')
  expect((await find('009_x.sql', 'clone/app/migrations')).why).toBe(
    'the history of git is not complete (`git fetch --unshallow`)',
  )
})

test('a link out of the folder is not followed, one within it is', async () => {
  await openBranch()
  await write('elsewhere/004_out.sql')
  await symlink(join(root, 'elsewhere/004_out.sql'), join(root, 'app/migrations/004_out.sql'))
  await symlink(join(root, 'elsewhere'), join(root, 'app/migrations/linked'))
  await symlink('more/003_new.sql', join(root, 'app/migrations/005_in.sql'))
  await symlink('001_old.sql', join(root, 'app/migrations/006_old.sql'))
  const out = `it is a link out of ${join(root, 'app/migrations')}`
  expect(await find('004_out.sql')).toEqual({ why: out, patchPath: 'elsewhere/004_out.sql' })
  expect((await find('linked/004_out.sql')).why).toBe(out)
  expect(await find('005_in.sql')).toEqual({ why: null, patchPath: 'app/migrations/more/003_new.sql' })
  expect((await find('006_old.sql')).why).toBe('it is on main already')
})

test('the folder itself may be a link into the repository', async () => {
  await openBranch()
  await symlink('app/migrations', join(root, 'link'))
  expect(await find('002_committed.sql', 'link')).toEqual({
    why: null,
    patchPath: 'app/migrations/002_committed.sql',
  })
  expect((await find('001_old.sql', 'link')).why).toBe('it is on main already')
})

test('a read-only file stays as it is', async () => {
  await openBranch()
  await chmod(join(root, 'app/migrations/002_committed.sql'), 0o444)
  expect((await find('002_committed.sql')).why).toBe('it is read-only')
})
