import { execFileSync, spawn } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'
import { plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))

interface Step {
  readonly name: string
  readonly run: string
  readonly env?: Readonly<Record<string, string>>
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}
const readAction = async (): Promise<Action> => parse(await readFile(join(ROOT, 'action.yml'), 'utf8'))

interface Comment {
  readonly id: number
  body: string
  readonly user: { readonly type: string }
}

/** The comments of one pull request, as the API of GitHub gives them. */
async function openGitHub(status = 200) {
  const comments: Comment[] = Array.from({ length: 130 }, (_, index) => ({
    id: index + 1,
    body: '<!-- tidemark check -->\nfrom a person',
    user: { type: 'User' },
  }))
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    requests.push(`${request.method} ${pathname} ${request.headers.authorization}`)
    let text = ''
    for await (const chunk of request) text += chunk
    const page = Number(searchParams.get('page')) - 1
    const edited = comments.find(({ id }) => pathname === `/repos/ada/shop/issues/comments/${id}`)
    const answer = () => {
      if (request.method === 'GET') return comments.slice(page * 100, page * 100 + 100)
      const { body } = JSON.parse(text)
      if (request.method === 'PATCH' && edited !== undefined) edited.body = body
      else comments.push({ id: comments.length + 1, body, user: { type: 'Bot' } })
      return {}
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(status === 200 ? answer() : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server has a port')
  return { url: `http://127.0.0.1:${address.port}`, comments, requests }
}

/** A project with Tidemark installed, checked out for a pull request against `main`. */
async function openPullRequest() {
  const project = await openProject({ 'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int);\n' })
  const bin = join(project.folder, 'node_modules/.bin')
  await mkdir(bin, { recursive: true })
  await symlink(join(ROOT, 'apps/cli/bin/run.js'), join(bin, 'tidemark'))
  await chmod(join(bin, 'tidemark'), 0o755)
  await writeFile(join(project.folder, '.gitignore'), 'node_modules\n')
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: project.folder,
      stdio: 'pipe',
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  return project
}

interface Run {
  readonly folder: string
  readonly api: string
  readonly token: string
  readonly event?: string
}

/** Runs the steps as the runner does: each a script for bash, until one fails. */
async function runAction({ folder, api, token, event = 'pull_request' }: Run) {
  const { inputs, runs } = await readAction()
  const temp = join(folder, 'node_modules/.temp')
  await mkdir(temp, { recursive: true })
  const files = { GITHUB_OUTPUT: join(temp, 'output'), GITHUB_STEP_SUMMARY: join(temp, 'summary') }
  for (const file of Object.values(files)) await writeFile(file, '')
  let output = ''
  for (const step of runs.steps) {
    const written = Object.fromEntries(
      (await readFile(files.GITHUB_OUTPUT, 'utf8')).split('\n').map((line) => line.split('=', 2)),
    )
    const values: Readonly<Record<string, string | undefined>> = {
      'inputs.fail-on': inputs['fail-on']?.default,
      'inputs.comment': inputs['comment']?.default,
      'steps.check.outputs.exit-code': written['exit-code'],
      'steps.check.outputs.markdown': written['markdown'],
      'github.event.pull_request.number': '7',
      "github.event.pull_request.head.repo.full_name == github.repository && github.token || ''": token,
    }
    const env = Object.entries(step.env ?? {}).map(([name, text]) => {
      const value = values[/^\$\{\{ (.*) \}\}$/.exec(text)?.[1] ?? '']
      if (value === undefined) throw new Error(`the test knows no value for ${text}`)
      return [name, value]
    })
    const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run], {
      cwd: folder,
      env: {
        ...plainEnvironment(),
        ...files,
        GITHUB_ACTION_PATH: ROOT,
        GITHUB_API_URL: api,
        GITHUB_BASE_REF: 'main',
        GITHUB_EVENT_NAME: event,
        GITHUB_REPOSITORY: 'ada/shop',
        GITHUB_WORKSPACE: folder,
        RUNNER_TEMP: temp,
        ...Object.fromEntries(env),
      },
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    if (code !== 0) return { failed: step.name, code, output }
  }
  return { failed: null, code: 0, output, summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8') }
}

test('the action keeps one comment, and fails with the exit code of check', async () => {
  const { folder, write } = await openPullRequest()
  const { url, comments, requests } = await openGitHub()
  await write('migrations/002_a.sql', '-- @upp\nSELECT 1;\n')
  const wrong = await runAction({ folder, api: url, token: 'secret-of-the-job' })
  expect(wrong).toMatchObject({ failed: 'Result', code: 2 })
  expect(wrong.output).toContain('::error title=TM1010,file=migrations/002_a.sql,line=1,col=1::')
  expect(comments).toHaveLength(131)
  expect(comments[130]?.body).toContain('### ✗ tidemark check did not run\n')

  execFileSync('git', ['clean', '--quiet', '--force', 'migrations'], { cwd: folder })
  const right = await runAction({ folder, api: url, token: 'secret-of-the-job' })
  const body = `<!-- tidemark check -->
### ✓ tidemark check: nothing to check

No migration is new or edited since origin/main.
`
  expect(right).toMatchObject({ failed: null, code: 0, summary: body })
  expect(comments).toHaveLength(131)
  expect(comments[130]?.body).toBe(body)
  expect(new Set(requests)).toEqual(
    new Set([
      'GET /repos/ada/shop/issues/7/comments Bearer secret-of-the-job',
      'POST /repos/ada/shop/issues/7/comments Bearer secret-of-the-job',
      'PATCH /repos/ada/shop/issues/comments/131 Bearer secret-of-the-job',
    ]),
  )
})

test('the pull request of a fork has no token and gets no comment; its result counts all the same', async () => {
  const { folder, write } = await openPullRequest()
  const { url, requests } = await openGitHub()
  await write('migrations/002_a.sql', '-- @upp\nSELECT 1;\n')
  expect(await runAction({ folder, api: url, token: '' })).toMatchObject({ failed: 'Result', code: 2 })
  expect(requests).toEqual([])
})

test('without the permission to comment there is a warning, and the result stays', async () => {
  const { folder } = await openPullRequest()
  const { url } = await openGitHub(403)
  const { failed, output } = await runAction({ folder, api: url, token: 'read-only' })
  expect(failed).toBeNull()
  expect(output).toContain(
    '::warning title=tidemark check::the comment cannot be written: GET /repos/ada/shop/issues/7/comments: 403 Forbidden; the job needs `permissions: pull-requests: write`\n',
  )
})

test.each(['pull_request_target', 'workflow_run'])(
  '%s, which has secrets beside the code of a fork, is refused before anything runs',
  async (event) => {
    const { folder } = await openPullRequest()
    const { url, requests } = await openGitHub()
    expect(await runAction({ folder, api: url, token: 'secret', event })).toMatchObject({
      failed: 'Refuse events with secrets',
      code: 1,
    })
    expect(requests).toEqual([])
  },
)

test('no script of the action has an expression in it, through which a name could become code', async () => {
  const { runs } = await readAction()
  expect(runs.using).toBe('composite')
  for (const { run } of runs.steps) expect(run).not.toContain('${{')
})
