import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { entry, manifestOf } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'gate-process-'))
const source = fileURLToPath(new URL('../src', import.meta.url))
const bundle = join(folder, 'gate.mjs')

beforeAll(async () => {
  await build({
    entryPoints: [join(source, 'index.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@tidemark/source'],
  })
})

/** Runs a program with `createGate`, a manifest and databases at hand, in a process of its own. */
function run(program: string) {
  const path = join(folder, 'program.mjs')
  writeFileSync(
    path,
    `import { createGate } from ${JSON.stringify(bundle)}
     const manifest = ${JSON.stringify(manifestOf(entry('001_a')))}
     const down = { query: () => Promise.reject(new Error('down')) }
     ${program}`,
  )
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, stdout, stderr }
}

test('a closed gate keeps no process alive', () => {
  expect(run("createGate({ database: down, migrations: manifest }); console.log('end')")).toEqual({
    status: 0,
    stdout: 'end\n',
    stderr: '',
  })
})

test('waiting for the gate keeps the process alive, also while the database is down', () => {
  const program = `let tries = 0
    const late = { query: () => (++tries < 4 ? Promise.reject(new Error('down')) : Promise.resolve({ rows: [] })) }
    const gate = createGate({ database: late, migrations: manifest, poll: { minMs: 20 } })
    await gate.whenOpen()
    console.log(gate.status().kind, tries)`
  expect(run(program)).toEqual({ status: 0, stdout: 'current 4\n', stderr: '' })
})

test('waiting keeps the process alive also while a database never answers', () => {
  const program = `const silent = { query: () => new Promise(() => undefined) }
    const gate = createGate({ database: silent, migrations: manifest, timeoutMs: 50 })
    await gate.whenOpen({ signal: AbortSignal.timeout(400) }).catch((error) => console.log(error.name))`
  expect(run(program)).toEqual({ status: 0, stdout: 'TimeoutError\n', stderr: '' })
})

test('files that are wrong end the process when it starts, with the place and the remedy', () => {
  const migrations = mkdtempSync(join(tmpdir(), 'gate-wrong-'))
  writeFileSync(join(migrations, '002_b.sql'), '-- Depends on: [001_a]\n-- @up\nSELECT 1;\n')
  const { status, stderr } = run(
    `createGate({ database: down, migrations: ${JSON.stringify(migrations)} }); setInterval(() => {}, 1000)`,
  )
  expect(status).toBe(1)
  expect(stderr).toContain('TM2002: depends on "001_a", which does not exist')
})

test('files that are wrong reject whenOpen instead, if it is awaited', () => {
  const migrations = mkdtempSync(join(tmpdir(), 'gate-wrong-'))
  writeFileSync(join(migrations, '001_a.sql'), 'SELECT 1;\n')
  const program = `const gate = createGate({ database: down, migrations: ${JSON.stringify(migrations)} })
    for (const _ of [1, 2]) await gate.whenOpen().catch((error) => console.log(error.code))
    const refusal = await gate.refuse({ method: 'GET', path: '/', header: () => undefined })
    console.log(refusal.status, gate.status().kind, gate.status().error.code)`
  expect(run(program)).toEqual({ status: 0, stdout: 'TM1001\nTM1001\n503 unknown TM1001\n', stderr: '' })
})

test('an error thrown by onEvent is not taken for one of the database', () => {
  const program = `process.on('uncaughtException', (error) => console.log('uncaught', error.message))
    const current = { query: () => Promise.resolve({ rows: [] }) }
    const gate = createGate({ database: current, migrations: manifest, onEvent: () => { throw new Error('mine') } })
    await gate.whenOpen()
    console.log(gate.status().error)`
  const { status, stdout } = run(program)
  expect(status).toBe(0)
  expect(stdout.split('\n').sort()).toEqual(['', 'null', 'uncaught mine'])
})

test('with a manifest it runs where there is nothing of Node', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { createGate } from './index.ts'
        export { createGate }`,
      resolveDir: source,
    },
    write: false,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'edge',
    conditions: ['@tidemark/source', 'worker'],
    define: {},
  })
  const code = outputFiles[0]?.text ?? ''
  expect(/["']node:/.test(code)).toBe(false)
  const sandbox = createContext({ setTimeout, clearTimeout, performance, TextEncoder, URL, queueMicrotask })
  runInContext(code, sandbox)
  const manifest = JSON.stringify(manifestOf(entry('001_a')))
  const answer: unknown = await runInContext(
    `(async () => {
      const gate = edge.createGate({ database: { query: async () => ({ rows: [] }) }, migrations: ${manifest} })
      await gate.whenOpen()
      let refused
      try { edge.createGate({ database: { query: async () => [] }, migrations: 'migrations' }) } catch (error) { refused = error.code }
      return JSON.stringify([gate.isOpen(), refused])
    })()`,
    sandbox,
  )
  expect(answer).toBe('[true,"TM7062"]')
})
