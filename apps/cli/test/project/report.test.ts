import { spawn } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { ReportDocumentSchema } from '@tidemark/report'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { ENTRY, plainEnvironment } from '../support/run-tidemark.ts'

beforeAll(buildWhenStale)

/** The document that a page carries. */
function readPage(html: string) {
  const [, data = ''] = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(html) ?? []
  return ReportDocumentSchema.parse(JSON.parse(data))
}

describe('tidemark report', () => {
  test('writes one file with files, schema and history, and changes nothing', async () => {
    const { folder, run } = await openProject(SHOP, 'server')
    await run(['up'])
    const before = await run(['history', '--json'])
    const { code, stdout } = await run(['report', '--out', 'out/report.html'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'out/report.html: 3 migrations. Open it in a browser.\n',
    })
    const html = await readFile(join(folder, 'out/report.html'), 'utf8')
    expect(html).not.toMatch(/\/tmp\/|<(?:script|img|link)[^>]* (?:src|href)=/)
    expect(html).toContain(`Content-Security-Policy`)
    const report = readPage(html)
    expect(report).toMatchObject({ shadow: { engine: 'pglite' }, heads: [expect.any(String)] })
    expect(report.migrations.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied'])
    expect(report.attempts).toHaveLength(3)
    expect(report.migrations[0]?.changes).toMatchObject([{ change: 'added', object: { kind: 'table' } }])
    expect((await run(['history', '--json'])).stdout).toBe(before.stdout)
  })

  test('--json is the same document; --offline and --no-shadow leave out what they say', async () => {
    const { folder, run } = await openProject(SHOP, 'server')
    const { stdout } = await run(['report', '--offline', '--no-shadow', '--json'])
    expect(ReportDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
      target: null,
      shadow: null,
      attempts: [],
    })
    expect(await readdir(folder)).not.toContain('tidemark-report.html')
  })

  test('shows what a check finds, and a migration that fails there', async () => {
    const { run } = await openProject(
      { 'migrations/004_wrong.sql': '-- @up\nCREAT TABLE x ();\n' },
      'embedded',
    )
    const { code, stdout } = await run(['report', '--offline', '--check', '--json'])
    expect(code).toBe(0)
    const wrong = ReportDocumentSchema.parse(JSON.parse(stdout)).migrations.find(
      ({ id }) => id === '004_wrong',
    )
    expect(wrong?.notExecuted).toContain('syntax error')
    expect(wrong?.findings).toMatchObject([{ code: 'does-not-run', severity: 'error' }])
  })

  test('--rehearse shows what is pending on a copy of the schema of the database', async () => {
    const { run, write } = await openProject(SHOP, 'embedded')
    await run(['up'])
    await write('migrations/004_wide.sql', '-- @up\nALTER TABLE users ALTER COLUMN id TYPE bigint;\n')
    const { code, stdout } = await run(['report', '--rehearse', '--json'])
    expect(code).toBe(0)
    const { rehearsal, drift, locks } = ReportDocumentSchema.parse(JSON.parse(stdout))
    expect({ drift, locks }).toEqual({ drift: [], locks: null })
    expect(rehearsal?.migrations).toMatchObject([
      {
        id: '004_wide',
        outcome: 'ran',
        statements: [{ line: 2, blocks: 'everybody', locks: [{ mode: 'ACCESS EXCLUSIVE' }, {}] }],
      },
    ])
  })

  test('check --report html=FILE is the page with what the check found', async () => {
    const { folder, run, write } = await openProject(
      { ...SHOP, 'migrations/004_wrong.sql': '-- @up\nCREAT TABLE x ();\n' },
      'embedded',
    )
    expect((await run(['check', '--all', '--report', 'html=out/check.html'])).code).toBe(7)
    const read = () => readFile(join(folder, 'out/check.html'), 'utf8')
    const { target, migrations } = readPage(await read())
    expect(target).toBe(null)
    expect(migrations.map(({ id, findings }) => [id, findings.map(({ code }) => code)])).toContainEqual([
      '004_wrong',
      ['does-not-run'],
    ])
    await write('migrations/004_wrong.sql', '-- Depends on: [nobody]\n-- @up\nSELECT 1;\n')
    expect((await run(['check', '--all', '--report', 'html=out/check.html'])).code).toBe(2)
    expect(await read()).toMatch(/\{"problem":"migrations\/004_wrong.sql:1: [^}]*TM2002\)/)
  })

  test('graph --format html is the same page of the files alone', async () => {
    const { run } = await openProject(SHOP, 'embedded')
    const { stdout } = await run(['graph', '--format', 'html'])
    expect(readPage(stdout).migrations).toHaveLength(3)
  })

  test('a place that cannot be written is named', async () => {
    const { run } = await openProject(SHOP, 'embedded')
    const { code, stderr } = await run(['report', '--offline', '--no-shadow', '--out', 'migrations'])
    expect({ code, stderr: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stderr: 'error TM7012: the report "migrations" cannot be written (EISDIR)',
    })
  })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function ask(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, method }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Starts a studio, and waits until it answers. */
async function startStudio(cwd: string, args: readonly string[] = [], database?: string) {
  const child = spawn(process.execPath, [ENTRY, 'studio', ...args], {
    cwd,
    env: { ...plainEnvironment(), ...(database === undefined ? {} : { TIDEMARK_DATABASE_URL: database }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const ended = new Promise<number | null>((resolve) => {
    child.on('exit', resolve)
  })
  const url = await new Promise<string>((resolve, reject) => {
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const [found] = /http:\/\/\S+/.exec(out) ?? []
      if (found !== undefined) resolve(found)
    })
    child.on('exit', () => reject(new Error(`the studio ended: ${out}`)))
  })
  const home = new URL('/', url).href
  const entered = await ask(url)
  const [cookie = ''] = (entered.headers['set-cookie'] ?? [''])[0]?.split(';') ?? []
  return { child, ended, url, home, entered, cookie }
}

/** Reads events until one is as wanted. */
function waitForEvent(home: string, cookie: string, isWanted: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL('events', home), { headers: { cookie } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more
        if (!isWanted(text)) return
        asked.destroy()
        resolve(text)
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('tidemark studio', () => {
  test('answers the browser that has the token, once, and no other page', async () => {
    const { folder } = await openProject(SHOP, 'embedded')
    const { url, home, entered, cookie, child, ended } = await startStudio(folder, [
      '--offline',
      '--no-shadow',
    ])
    expect(new URL(home).hostname).toBe('127.0.0.1')
    expect(entered).toMatchObject({ status: 302, headers: { location: '/' } })
    expect(entered.headers['set-cookie']).toEqual([
      expect.stringMatching(/; HttpOnly; SameSite=Strict; Path=\/$/),
    ])
    expect((await ask(url)).status).toBe(403)
    expect((await ask(home)).status).toBe(403)
    const page = await ask(home, { cookie })
    expect(page).toMatchObject({
      status: 200,
      headers: { 'x-frame-options': 'DENY', 'cache-control': 'no-store' },
    })
    expect(readPage(page.body).migrations).toHaveLength(3)
    expect((await ask(home, { cookie, host: 'evil.example' })).status).toBe(403)
    expect((await ask(home, { cookie, origin: 'http://evil.example' })).status).toBe(403)
    expect((await ask(home, { cookie }, 'POST')).status).toBe(405)
    expect((await ask(new URL('../../etc/passwd', home).href, { cookie })).status).toBe(404)
    expect((await ask(url, { cookie })).headers['location']).toBe('/')
    child.kill('SIGINT')
    expect(await ended).toBe(130)
  })

  test('two at the same time choose two ports', async () => {
    const { folder } = await openProject(SHOP, 'embedded')
    const first = await startStudio(folder, ['--offline', '--no-shadow'])
    const second = await startStudio(folder, ['--offline', '--no-shadow'])
    expect(first.home).not.toBe(second.home)
    expect((await ask(first.home, { cookie: first.cookie })).status).toBe(200)
    expect((await ask(second.home, { cookie: second.cookie })).status).toBe(200)
  })

  test('starts with files that are wrong, says what is, and shows them once they are right', async () => {
    const { folder, write } = await openProject({
      'migrations/001_a.sql': '-- Depends on: [nobody]\n-- @up\nSELECT 1;\n',
    })
    const { home, cookie } = await startStudio(folder, ['--offline', '--no-shadow'])
    expect((await ask(home, { cookie })).status).toBe(200)
    await waitForEvent(home, cookie, (text) => text.includes('TM2002'))
    const seen = waitForEvent(home, cookie, (text) => text.includes('"id":"001_a"'))
    await write('migrations/001_a.sql', '-- @up\nSELECT 1;\n')
    await seen
  })

  test('a file that is saved is seen, a wrong one is said, and what is applied elsewhere too', async () => {
    const { folder, run, database } = await openProject(SHOP, 'embedded')
    const { home, cookie } = await startStudio(folder, [], database)
    const path = join(folder, 'migrations/004_new.sql')
    const seen = waitForEvent(home, cookie, (text) => text.includes('"004_new"'))
    await writeFile(path, '-- @up\nCREATE TABLE later ();\n')
    await seen
    const said = waitForEvent(home, cookie, (text) => text.includes('TM2002'))
    await writeFile(path, '-- Depends on: [nobody]\n-- @up\nSELECT 1;\n')
    await said
    const gone = waitForEvent(home, cookie, (text) => /event: problem\ndata: null[\s\S]*$/.test(text))
    await rm(path)
    await gone
    const applied = waitForEvent(home, cookie, (text) => (text.match(/"state":"applied"/g) ?? []).length >= 3)
    expect((await run(['up'])).code).toBe(0)
    await applied
    await waitForEvent(home, cookie, (text) => text.includes('"engine":"pglite"'))
  })

  test('shows the locks of the moment, drift and a rehearsal', async () => {
    const { folder, run, database, server, write } = await openProject(SHOP, 'server')
    await run(['up'])
    await write('migrations/004_wide.sql', '-- @up\nALTER TABLE users ADD COLUMN name text;\n')
    const held = server?.query('LOCK TABLE posts IN EXCLUSIVE MODE; SELECT pg_sleep(600)')
    held?.catch(() => undefined)
    const { home, cookie } = await startStudio(folder, ['--no-shadow'], database)
    await waitForEvent(home, cookie, (text) =>
      text.includes('"locks":[{"relation":"public.posts","mode":"EXCLUSIVE"'),
    )
    const free = waitForEvent(home, cookie, (text) => text.includes('"locks":[]'))
    await server?.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'posts'::regclass AND mode = 'ExclusiveLock'",
    )
    await free
    const { home: second, cookie: key } = await startStudio(folder, ['--rehearse'], database)
    await waitForEvent(second, key, (text) => /"rehearsal":\{.*"id":"004_wide"/.test(text))
  })
})
