import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tidemark-packages-'))
const shell = process.platform === 'win32'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
const libraries = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
const published = [...libraries, 'apps/cli'].filter((path) => readManifest(path).private !== true)
const archiveOf = (path: string) => {
  const { name, version } = readManifest(path)
  return join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
}

function run(command: string, args: readonly string[], cwd = root): string {
  return execFileSync(command, [...args], { cwd, encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Entry points that are files and no modules, such as `./supabase-profile.sql`. */
const isModule = (key: string) => !/\.(json|sql)$|\*$/.test(key)

function assets(path: string): readonly string[] {
  const keys = Object.keys(readManifest(path).exports ?? {}).filter((key) => !isModule(key))
  return keys.length === 0 ? [] : ['--exclude-entrypoints', ...keys]
}

/** The one deviation: types in the format of the importer for an ES module, which Node loads with `require`. */
const isTypesOfCommonJs = ({ code, path }: { readonly code: string; readonly path: readonly string[] }) =>
  code === 'EXPORTS_TYPES_INVALID_FORMAT' && path.includes('require')

beforeAll(() => {
  for (const path of published) run('pnpm', ['pack', '--pack-destination', folder], join(root, path))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(published)('%s as packed', (path) => {
  test('passes publint', async () => {
    const archive = readFileSync(archiveOf(path))
    const tarball = archive.buffer.slice(archive.byteOffset, archive.byteOffset + archive.byteLength)
    const { messages } = await publint({ pack: { tarball }, strict: true })
    expect(messages.filter((message) => !isTypesOfCommonJs(message))).toEqual([])
  })

  // "False CJS" is the deviation above.
  test('gives right types to programs in ES modules and CommonJS, of new and old resolution', () => {
    const { status, stdout, stderr } = spawnSync(
      'pnpm',
      [
        'exec',
        'attw',
        archiveOf(path),
        '--ignore-rules',
        'false-cjs',
        'cjs-resolves-to-esm',
        ...assets(path),
      ],
      {
        cwd: root,
        encoding: 'utf8',
        shell,
      },
    )
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
  })

  test('has no source condition, no workspace reference, no install script and no test', () => {
    const files = run('tar', ['-tzf', archiveOf(path)]).split('\n')
    const manifest = run('tar', ['-xzOf', archiveOf(path), 'package/package.json'])
    const { scripts = {}, exports = {} }: Manifest = JSON.parse(manifest)
    expect(JSON.stringify(exports)).not.toContain('@tidemark/source')
    expect(/"(workspace|catalog):/.test(manifest.replace(/"devDependencies": \{[^}]*\}/, ''))).toBe(false)
    expect(Object.keys(scripts).filter((name) => /install/.test(name))).toEqual([])
    expect(files.filter((file) => /\.test\.|\/test\/|tsbuildinfo/.test(file))).toEqual([])
    expect(files.filter((file) => file === 'package/LICENSE' || file === 'package/README.md')).toHaveLength(2)
  })
})

test('the libraries install together and are importable by their names', () => {
  const project = join(folder, 'consumer')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  const archives = libraries.map(archiveOf)
  run(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...archives,
      'express@5',
      'fastify@5',
      'hono@4',
    ],
    project,
  )
  const names = libraries.flatMap((path) => {
    const { name, publishConfig } = readManifest(path)
    const exports = publishConfig?.exports ?? {}
    return Object.keys(exports)
      .filter(isModule)
      .map((key) => name + key.slice(1))
  })
  writeFileSync(
    join(project, 'main.js'),
    `for (const name of ${JSON.stringify(names)}) if (Object.keys(await import(name)).length === 0) throw new Error(name)\n`,
  )
  expect(run(process.execPath, ['main.js'], project)).toBe('')
}, 300_000)

describe('a program in CommonJS, as an old NestJS project is set up', () => {
  const project = join(folder, 'nest')
  const names = published.flatMap((path) => {
    const { name, exports = {}, publishConfig } = readManifest(path)
    return Object.keys(publishConfig?.exports ?? exports)
      .filter(isModule)
      .map((key) => name + key.slice(1))
  })
  const base = {
    target: 'ES2021',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    esModuleInterop: true,
    skipLibCheck: true,
    types: ['node'],
  }
  const settings = [
    ['node10', { ...base, module: 'commonjs', moduleResolution: 'node' }],
    ['node16', { ...base, module: 'node16', moduleResolution: 'node16' }],
  ] as const
  const compile = (program: string, name: string) => {
    const { stdout } = spawnSync(
      process.execPath,
      [program, '-p', `tsconfig.${name}.json`, '--pretty', 'false'],
      {
        cwd: project,
        encoding: 'utf8',
      },
    )
    return stdout
  }

  beforeAll(() => {
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n')
    run(
      'npm',
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        ...published.map(archiveOf),
        '@nestjs/common@9',
        'reflect-metadata@0.1',
        'rxjs@7',
        'express@4',
        '@types/express@4',
        'fastify@5',
        'hono@4',
        'pg@8.11',
        '@types/pg@8.10',
        '@types/node@20',
        'typescript@5.1',
      ],
      project,
    )
    const imports = names.map((name, index) => `import * as module${index} from '${name}'`)
    const uses = names.map(
      (name, index) => `if (Object.keys(module${index}).length === 0) throw new Error('${name}')`,
    )
    writeFileSync(join(project, 'every.ts'), `${[...imports, ...uses].join('\n')}\n`)
    writeFileSync(join(project, 'service.ts'), NEST_SERVICE)
    for (const [name, compilerOptions] of settings) {
      const outDir = `dist-${name}`
      writeFileSync(
        join(project, `tsconfig.${name}.json`),
        JSON.stringify({ compilerOptions: { ...compilerOptions, outDir }, include: ['*.ts'] }),
      )
    }
  }, 300_000)

  test.each(settings.map(([name]) => name))(
    'compiles an import of every package with %s, and runs',
    (name) => {
      expect(compile(join(project, 'node_modules/typescript/bin/tsc'), name)).toBe('')
      expect(run(process.execPath, [`dist-${name}/every.js`], project)).toBe('')
      expect(run(process.execPath, [`dist-${name}/service.js`], project)).toBe('TM7003 true\n')
    },
    120_000,
  )

  test("the workspace's own TypeScript finds the same types", () => {
    expect(compile(join(root, 'node_modules/typescript/bin/tsc'), 'node16')).toBe('')
  }, 120_000)
})

/** What a migration service of a NestJS project looks like, and what it can narrow. */
const NEST_SERVICE = `import 'reflect-metadata'
import { Inject, Injectable, OnModuleInit } from '@nestjs/common'
import { Pool } from 'pg'
import { TidemarkError } from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createGate } from '@tidemark/gate/pg'
import { schemaGate } from '@tidemark/express'
import { defineConfig } from 'tidemark'

@Injectable()
export class MigrationService implements OnModuleInit {
  constructor(@Inject('POOL') private readonly pool: Pool) {}

  async onModuleInit(): Promise<void> {
    const migrations = createDirectoryReader({ directory: 'migrations' })
    const { done } = await createMigrationRunner({ database: this.pool, migrations }).runMigrations()
    done.map((id: string) => id.length)
  }

  guard() {
    return schemaGate(createGate({ database: this.pool, migrations: 'migrations' }))
  }
}

export const config = defineConfig({ database: 'postgres://db/shop', lockTimeout: '5s' })

const pool = new Pool({ host: 'db', user: 'app' })
const runner = createMigrationRunner({ database: pool, migrations: 'migrations' })
void pool.end()
try {
  createMigrationRunner({ database: pool, migrations: 'migrations' })
} catch (error) {
  if (error instanceof TidemarkError) console.log(error.code, typeof runner.status === 'function')
}
`

test('the schemas of --json and of the configuration are in the package of the command line', () => {
  const project = join(folder, 'nest')
  const resolve = `process.stdout.write(require('tidemark/schemas/status.json').$schema + require('tidemark/config.schema.json').$schema)`
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  expect(run(process.execPath, ['-e', resolve], project)).toBe($schema + $schema)
  const shipped = run('tar', ['-tzf', archiveOf('apps/cli')]).split('\n')
  expect(shipped.filter((file) => file.startsWith('package/schemas/')).length).toBe(
    readdirSync(join(root, 'apps/cli/schemas')).length,
  )
})

test('the command line installs globally into an empty prefix and works in an empty folder', () => {
  const prefix = join(folder, 'prefix')
  const project = join(folder, 'empty')
  mkdirSync(prefix)
  mkdirSync(join(project, 'migrations'), { recursive: true })
  run('npm', [
    'install',
    '--global',
    '--prefix',
    prefix,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    archiveOf('apps/cli'),
  ])
  writeFileSync(
    join(project, 'migrations', '001_create_notes.sql'),
    '-- @up\nCREATE TABLE notes (body text);\n',
  )
  const tidemark = shell ? join(prefix, 'tidemark.cmd') : join(prefix, 'bin', 'tidemark')
  const env = { PATH: `${join(process.execPath, '..')}:/usr/bin:/bin`, HOME: project, NO_COLOR: '1' }
  const call = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(tidemark, args, {
      cwd: project,
      encoding: 'utf8',
      env,
      shell,
    })
    return { status, stdout, stderr }
  }
  expect(call('--version').stdout).toContain(readManifest('apps/cli').version)
  const applied = call('up', '--database-url', 'pglite:.tidemark/db')
  expect({ status: applied.status, stderr: applied.status === 0 ? '' : applied.stderr }).toEqual({
    status: 0,
    stderr: '',
  })
  const { status, stdout } = call('status', '--database-url', 'pglite:.tidemark/db', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ migrations: [{ id: '001_create_notes', state: 'applied' }] })
}, 300_000)
