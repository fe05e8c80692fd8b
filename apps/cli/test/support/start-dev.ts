import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { openProject, type Project, SHOP } from './project.ts'
import { ENTRY, plainEnvironment } from './run-tidemark.ts'

/** One line of `--json`. */
export type Line = Readonly<Record<string, unknown>>

/** A `tidemark dev` that runs. */
export interface Dev {
  /** Waits for the next line of a kind, and gives it with what came before. */
  next(kind: string): Promise<Line>
  /** Ends it, and gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts it in a project; what is left of it ends with the test. */
export function startDev(
  { folder, database }: Pick<Project, 'folder' | 'database'>,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Dev {
  const url = database === '' ? {} : { TIDEMARK_DATABASE_URL: database }
  const child = spawn(process.execPath, [ENTRY, 'dev', '--json', ...args], {
    cwd: folder,
    env: { ...plainEnvironment(), ...url, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next(kind) {
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error(`it ended before "${kind}"`)
        const line: Line = JSON.parse(String(value))
        if (line['kind'] === kind) return line
      }
    },
    async end(signal = 'SIGINT') {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}

/** Runs git in a folder. */
export function git(folder: string, ...args: readonly string[]): void {
  const settings = ['user.name=ada', 'user.email=ada@example.org', 'init.defaultBranch=main']
  execFileSync('git', [...settings.flatMap((one) => ['-c', one]), ...args], { cwd: folder, stdio: 'pipe' })
}

/** A project on a branch of its own; SHOP is on the default branch. */
export async function openBranch(
  engine: Parameters<typeof openProject>[1],
  config: object = {},
): Promise<Project> {
  const project = await openProject({ ...SHOP, 'tidemark.config.json': JSON.stringify(config) }, engine)
  git(project.folder, 'init', '--quiet')
  git(project.folder, 'add', '.')
  git(project.folder, 'commit', '--quiet', '-m', 'all')
  git(project.folder, 'switch', '--quiet', '-c', 'feature')
  return project
}

/** Behind all of SHOP. */
export const DEPENDS = '-- Depends on: [003_posts_author]\n'
/** A file behind all of SHOP. */
export const file = (up: string, down = 'SELECT 1;') => `${DEPENDS}-- @up\n${up}\n-- @down\n${down}\n`
/** Where a new file is written. */
export const NEW = 'migrations/004_new.sql'
