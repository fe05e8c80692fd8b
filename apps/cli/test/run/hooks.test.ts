import { once } from 'node:events'
import { chmod, chown, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const ONE = { 'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int PRIMARY KEY);\n' }

function config(settings: object): Readonly<Record<string, string>> {
  return { 'tidemark.config.json': JSON.stringify(settings) }
}

const SAY = `const { hook, plan, done, step, error } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
console.log(hook, (plan ? plan.steps.map(({ id }) => id) : [step.id]).join(), done ?? '', error ? error.code : '')
`
const SAID = ['node', 'scripts/say.cjs']

describe('commands of a JSON configuration', () => {
  test('run in its folder, and are heard on stderr', async () => {
    const hooks = { beforeUp: SAID, afterEach: SAID, afterUp: SAID, onError: SAID }
    const project = await openProject({ ...SHOP, ...config({ hooks }), 'scripts/say.cjs': SAY }, 'server')
    const { code, stdout, stderr } = await project.run(
      ['up', '--target', '002_posts', '--config', '../tidemark.config.json'],
      {
        cwd: join(project.folder, 'migrations'),
        env: { TIDEMARK_MIGRATIONS: '.' },
      },
    )
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `   beforeUp: beforeUp 001_users,002_posts  \n   afterEach: afterEach 001_users  \n   afterEach: afterEach 002_posts  \n   afterUp: afterUp 001_users,002_posts [ '001_users', '002_posts' ] \n`,
    })
    expect(stdout).toContain('✓ 2 migrations applied')
    expect((await project.run(['up', '--quiet'])).stderr).toBe('')
  })

  test('a failing beforeUp is exit 2, and nothing ran', async () => {
    const hooks = {
      beforeUp: ['node', '-e', "console.error('the backup is older than a day'); process.exit(1)"],
    }
    const project = await openProject({ ...ONE, ...config({ hooks }) }, 'server')
    expect(await project.run(['up'])).toEqual({
      code: 2,
      stdout: 'tidemark  <database>  1 pending of 1\n',
      stderr: `   beforeUp: the backup is older than a day
error TM7039: the hook "beforeUp" failed: "node" ended with exit code 1
help: nothing was applied; fix the hook, or what it found, and run again
`,
    })
    expect((await project.run(['status'])).code).toBe(3)
  })

  test('a failing afterUp is reported, also with --quiet and --json, and the exit code stays', async () => {
    const hooks = { afterUp: ['node', '-e', 'process.exit(1)'] }
    const project = await openProject({ ...SHOP, ...config({ hooks }) }, 'server')
    const warning = `warning TM7039: the hook "afterUp" failed: "node" ended with exit code 1
help: the records of the migrations are right; do by hand what the hook was to do
`
    expect(await project.run(['up', '--steps', '1', '--quiet'])).toMatchObject({ code: 0, stderr: warning })
    const { code, stdout, stderr } = await project.run(['up', '--json'])
    expect({ code, isSaid: stderr.includes(warning) }).toEqual({ code: 0, isSaid: true })
    expect(JSON.parse(stdout).findings).toMatchObject([{ code: 'TM7039', severity: 'warning' }])
    expect((await project.run(['status'])).code).toBe(0)
  })

  test('a tidemark that writes inside a hook is refused at once, one that reads is not', async () => {
    const inner = (command: string) =>
      `spawnSync(process.execPath, [${JSON.stringify(ENTRY)}, ${command}], { stdio: ['ignore', 'inherit', 'inherit'] })`
    const script = `const { spawnSync } = require('node:child_process')
console.log('up', ${inner("'up'")}.status)
console.log('reset', ${inner("'reset', '--yes'")}.status)
console.log('status', ${inner("'status', '--quiet'")}.status)
`
    const hooks = { beforeUp: ['node', 'inner.cjs'] }
    const project = await openProject({ ...ONE, ...config({ hooks }), 'inner.cjs': script }, 'server')
    const { code, stderr } = await project.run(['up'])
    expect(code).toBe(0)
    expect(stderr).toContain('error TM7040: a run on the database')
    for (const line of ['up 2', 'status 3']) expect(stderr).toContain(`   beforeUp: ${line}\n`)
  })

  test('an interrupt ends the command with what it started, and nothing is applied', async () => {
    const server =
      "const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log('listens', server.address().port))"
    const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server)}], { stdio: 'inherit' })
setInterval(() => {}, 1000)
`
    const hooks = { beforeUp: ['node', 'long.cjs'] }
    const project = await openProject({ ...ONE, ...config({ hooks }), 'long.cjs': script }, 'server')
    const { code, stderr } = await project.run(['up'], { signalAt: { text: 'listens', signal: 'SIGTERM' } })
    expect(code).toBe(143)
    expect(stderr).toContain('error TM5008: interrupted during the hook "beforeUp"')
    const port = Number(/listens (\d+)/.exec(stderr)?.[1])
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect((await project.run(['status'])).code).toBe(3)
  })

  test('a password is neither in what they get nor in what they write', async () => {
    const hooks = {
      onError: [
        'node',
        '-e',
        'process.stdin.pipe(process.stdout); console.log(process.env.DATABASE_PASSWORD)',
      ],
    }
    const project = await openProject(
      {
        'migrations/001_x.sql': "-- @up\nDO $$ BEGIN RAISE EXCEPTION 'hunter2-hunter2'; END $$;\n",
        ...config({ hooks }),
      },
      'server',
    )
    const url = new URL(project.database)
    url.username = `hooked_${project.server?.name}`
    url.password = 'hunter2-hunter2'
    await project.server?.query(`CREATE ROLE ${url.username} LOGIN SUPERUSER PASSWORD '${url.password}'`)
    onTestFinished(
      async () =>
        void (await project.server?.query(
          `DROP OWNED BY ${url.username} CASCADE; DROP ROLE ${url.username}`,
        )),
    )
    const env = { TIDEMARK_DATABASE_URL: url.href, DATABASE_PASSWORD: 'hunter2-hunter2' }
    const { code, stderr } = await project.run(['up'], { env })
    expect(code).toBe(1)
    expect(stderr).toContain('"hook":"onError"')
    expect(stderr).not.toContain('hunter2')
  })

  test('hookTimeout is a setting', async () => {
    const hooks = { beforeUp: ['node', '-e', 'setInterval(() => {}, 1000)'] }
    const project = await openProject({ ...ONE, ...config({ hooks, hookTimeout: '1s' }) }, 'server')
    expect((await project.run(['up'])).stderr).toContain('it did not end within 1s (hookTimeout)')
  })

  test('an embedded database has them too', async () => {
    const hooks = { afterUp: SAID }
    const project = await openProject({ ...ONE, ...config({ hooks }), 'scripts/say.cjs': SAY }, 'embedded')
    expect((await project.run(['up'])).stderr).toBe("   afterUp: afterUp 001_users [ '001_users' ] \n")
  })
})

test('functions of a configuration that is code are called', async () => {
  const code = `export default {
  hooks: {
    beforeUp: ({ plan, target }) =>
      void process.stderr.write(plan.steps.map(({ id }) => id).join() + ' on ' + target.database + '\\n'),
    afterUp: () => { throw new Error('no chat') },
  },
}
`
  const project = await openProject({ ...ONE, 'tidemark.config.mjs': code }, 'server')
  expect(await project.run(['up'])).toMatchObject({
    code: 0,
    stderr: `001_users on ${project.server?.name}
warning TM7039: the hook "afterUp" failed: no chat
help: the records of the migrations are right; do by hand what the hook was to do
`,
  })
})

test.skipIf(process.getuid?.() !== 0)(
  'commands of a configuration that another user could have written are not run, also when it is named',
  async () => {
    const project = await openProject(ONE, 'server')
    const shared = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-shared-')))
    onTestFinished(() => rm(shared, { recursive: true }))
    const path = join(shared, 'tidemark.config.json')
    await writeFile(path, JSON.stringify({ hooks: { beforeUp: ['node', '-e', "console.log('ran')"] } }))
    const args = ['up', '--config', path, '--dir', 'migrations']
    await chmod(shared, 0o777)
    await chown(path, 54_321, 54_321)
    expect(await project.run(args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `error TM7027: the hooks of "${path}" are not run: other users may write into "${shared}", or it belongs to one
help: a configuration whose hooks are commands must be in a folder of yours
`,
    })
    await chown(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    expect((await project.run(args)).stderr).toContain('   beforeUp: ran\n')
  },
)

test.each([
  [{ hooks: { afterup: ['x'] } }, 'error TM7002: unknown key "hooks.afterup"'],
  [
    { hooks: { afterUp: 'make seed' } },
    'error TM7003: "hooks.afterUp" must be a function, or a command as a list',
  ],
  [{ hooks: [] }, 'error TM7003: "hooks" must be an object of settings'],
  [{ hookTimeout: 'soon' }, 'error TM7003: "hookTimeout" must be a number with a unit'],
])('%j is wrong', async (settings, message) => {
  const project = await openProject({ ...ONE, ...config(settings) })
  const { code, stderr } = await project.run(['validate'])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})
