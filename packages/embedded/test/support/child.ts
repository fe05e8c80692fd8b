import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

/** Another process that uses the bundle. */
export interface Child {
  readonly pid: number
  /** Resolves with the next line it prints; undefined when it has ended. */
  readonly nextLine: () => Promise<string | undefined>
  readonly kill: () => void
  /** Its exit code and what it printed on stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>
}

/** Runs a script with `openEmbeddedEngine` and `location` in scope. */
export function runChild(module: string, location: string, script: string): Child {
  const source = `
    import { openEmbeddedEngine } from ${JSON.stringify(pathToFileURL(module).href)}
    const location = ${location === 'memory' ? "{ kind: 'memory' }" : JSON.stringify({ kind: 'directory', path: location })}
    ${script}`
  const process: ChildProcess = spawn(globalThis.process.execPath, ['--input-type=module', '--eval', source])
  let errors = ''
  process.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const lines =
    process.stdout === null ? undefined : createInterface({ input: process.stdout })[Symbol.asyncIterator]()
  return {
    pid: process.pid ?? 0,
    nextLine: async () => (await lines?.next())?.value,
    kill: () => process.kill('SIGKILL'),
    ended: once(process, 'close').then(() => ({ code: process.exitCode, errors })),
  }
}
