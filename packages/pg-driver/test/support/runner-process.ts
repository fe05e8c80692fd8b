import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { createMigrationFolder } from './migration-files.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

let bundled: Promise<string> | undefined

/** Starts a process of its own that applies these files, from a bundle of this package. */
export async function startRunnerProcess(
  url: string,
  files: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const folder = await createMigrationFolder(files)
  bundled ??= bundleDriver()
  const module = await bundled
  const script = `import { createMigrationRunner } from ${JSON.stringify(module)}
    await createMigrationRunner({ database: ${JSON.stringify(url)}, migrations: ${JSON.stringify(folder.path)} }).runMigrations()`
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
}

/** Bundles this package below itself, so that `pg` is found. */
async function bundleDriver(): Promise<string> {
  const cache = at('../../node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const module = join(await mkdtemp(join(cache, 'bundle-')), 'driver.mjs')
  await build({
    entryPoints: [at('../../src/index.ts')],
    outfile: module,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@tidemark/source'],
    external: ['pg', 'pg-native'],
  })
  return module
}

/** A process that applies the same files to each database it is told of, one after the other. */
export interface RunnerWorker {
  /** Applies everything pending there; gives the ids that this process applied, or the error's text. */
  run(url: string): Promise<readonly string[] | string>
  end(): void
}

/** Starts a process that waits for URLs, so that many of them can begin a run at the same moment. */
export async function startRunnerWorker(folder: string): Promise<RunnerWorker> {
  bundled ??= bundleDriver()
  const script = `import { createInterface } from 'node:readline'
    import { createMigrationRunner } from ${JSON.stringify(await bundled)}
    for await (const database of createInterface(process.stdin)) {
      const run = createMigrationRunner({ database, migrations: ${JSON.stringify(folder)} }).runMigrations()
      const told = await run.then(({ done }) => done, (error) => String(error.stack))
      console.log(JSON.stringify(told))
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async run(url) {
      child.stdin.write(`${url}\n`)
      const answer = await answers.next()
      return answer.done === true ? 'the process ended' : JSON.parse(answer.value)
    },
    end: () => child.stdin.end(),
  }
}
