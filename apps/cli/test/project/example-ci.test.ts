import { execFileSync, spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const EXAMPLE = join(ROOT, 'examples/docker')

/** The example as a repository of its own, with Tidemark installed. */
async function openExample() {
  const project = await openProject({ '.gitignore': 'node_modules\n.tidemark\n' })
  for (const name of ['migrations', '.ci'])
    await cp(join(EXAMPLE, name), join(project.folder, name), { recursive: true })
  const bin = join(project.folder, 'node_modules/.bin')
  await mkdir(bin, { recursive: true })
  await symlink(join(ROOT, 'apps/cli/bin/run.js'), join(bin, 'tidemark'))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: project.folder,
      stdio: 'pipe',
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  const ci = (env: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(join(project.folder, '.ci/run'), {
      cwd: '/',
      env: { ...plainEnvironment(), ...env },
      encoding: 'utf8',
    })
    return { status, output: stdout + stderr }
  }
  return { ...project, git, ci }
}

test('the .ci of the example passes what is right, and ends with the exit code of check', async () => {
  const { ci, git, write } = await openExample()
  expect(ci()).toMatchObject({
    status: 0,
    output: expect.stringContaining('nothing is new or edited since origin/main'),
  })
  git('tag', 'v1')
  await write(
    'migrations/002_tags.sql',
    '-- Depends on: [001_create_notes]\n-- @up\nCREATE TABLE tags (id int PRIMARY KEY);\n-- @down\nDROP TABLE tag;\n',
  )
  const { status, output } = ci({ BASE: 'v1' })
  expect(status).toBe(7)
  expect(output).toContain('1 migration checked (new or edited since v1)')
  expect(output).toContain('error down-fails: the @down of "002_tags" fails: table "tag" does not exist')
  await write('migrations/003_wrong.sql', '-- @upp\nSELECT 1;\n')
  expect(ci().status).toBe(2)
})

test('the workflow of the example runs on pull requests alone, and has no secret', async () => {
  const text = await readFile(join(EXAMPLE, '.github/workflows/migrations.yml'), 'utf8')
  const workflow = parse(text)
  expect(Object.keys(workflow.on)).toEqual(['pull_request'])
  expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' })
  expect(text).not.toMatch(/secrets\.|github\.token/)
  const steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[] =
    workflow.jobs.check.steps
  expect(steps.map(({ uses, run }) => uses ?? run)).toEqual([
    'actions/checkout@v4',
    'actions/setup-node@v4',
    'npm install --no-audit --no-fund',
    'npx --no-install tidemark validate --strict --report github',
    'your-organization/tidemark@main',
  ])
  expect(steps[0]?.with).toEqual({ 'fetch-depth': 0, 'persist-credentials': false })
})
