import { execFile, spawn } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Child, type ChildLine, followChild } from './child.ts'

/**
 * Builds the command line as it is published, into a folder of its own: a build elsewhere at the same time
 * disturbs nobody.
 *
 * @returns the file to start.
 */
export async function buildCommandLine(source: string, folder: string): Promise<string> {
  await mkdir(folder)
  await promisify(execFile)(process.execPath, [join(source, 'scripts/build.js'), join(folder, 'dist')])
  for (const part of ['bin', 'package.json'])
    await cp(join(source, part), join(folder, part), { recursive: true })
  return join(folder, 'bin/run.js')
}

/** Starts `tidemark up` and reads what it tells people. */
export function startCommandLine(
  entry: string,
  { url, folder, commits }: { readonly url: string; readonly folder: string; readonly commits: string },
): Child {
  const child = spawn(process.execPath, [entry, 'up', '--database-url', url, '--dir', folder], {
    cwd: folder,
    env: { ...bareEnvironment(), TIDEMARK_COMMITS: commits },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return followChild(child, readPeoplesLine)
}

/** What a line for people says: the heading, a tick, the end, a failure. */
export function readPeoplesLine(line: string): ChildLine | undefined {
  if (/\bnothing pending$/.test(line)) return { kind: 'done' }
  if (line.startsWith('tidemark  ')) return { kind: 'connected' }
  const id = /^ ✓ (\S+)/.exec(line)?.[1]
  if (id !== undefined) return { kind: 'finished', id }
  const { code, message } = (OF_RUN.exec(line) ?? OF_STEP.exec(line))?.groups ?? {}
  return code === undefined || message === undefined ? undefined : { kind: 'failed', code, message }
}

const OF_RUN = /\berror (?<code>TM\d{4}): (?<message>.*)/
const OF_STEP = /^\s*ERROR (?<message>.*) {2}\((?<code>TM\d{4})\)$/

/** The environment without what the command line looks at. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const looked =
    /^(TIDEMARK_|PG|DATABASE_URL|CI$|NO_COLOR|FORCE_COLOR|DEBUG|COLUMNS|NODE_ENV|VITEST|NODE_OPTIONS)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !looked.test(name)))
}
