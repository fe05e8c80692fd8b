import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startServer } from '@tidemark/test-servers/server'

/** The majors of Node that are supported, by the npm package `node`. */
export const NODE_MAJORS: readonly string[] = ['20', '22', '24', '26']

/** How one version of Node fared with the packed command line. */
export interface NodeRow {
  /** The full version. */
  readonly met: string
  readonly passed: number
  /** What did not exit as it should, with what it wrote. */
  readonly failed: readonly string[]
  /** Of everything that the installation brought. */
  readonly sizeBytes: number
}

/** A command, and the exit code that it should have. */
type Check = readonly [args: readonly string[], code: number]

/**
 * Installs the packed command line into an empty prefix and uses it with one version of Node, each from npm:
 * on the embedded database and on a server; where this process is root, as another user too.
 *
 * @param archive what `pnpm pack` made of `apps/cli`
 */
export async function tryNode(major: string, archive: string): Promise<NodeRow> {
  const folder = mkdtempSync(join(tmpdir(), `tidemark-matrix-node-${major}-`))
  const server = await startServer()
  try {
    // Another user must be able to reach what is in it.
    chmodSync(folder, 0o755)
    const [runtime, prefix] = [join(folder, 'runtime'), join(folder, 'prefix')]
    for (const path of [runtime, prefix]) mkdirSync(path)
    writeFileSync(join(runtime, 'package.json'), '{ "private": true }\n')
    install(['install', `node@${major}`], runtime)
    const path = [join(runtime, 'node_modules', 'node', 'bin'), process.env['PATH']].join(delimiter)
    install(['install', '--global', '--prefix', prefix, archive], folder, path)
    const outcomes = users().flatMap((uid) => {
      const project = join(folder, `project-${uid ?? 'own'}`)
      mkdirSync(project)
      chmodSync(project, 0o777)
      const run = { program: join(prefix, 'bin', 'tidemark'), project, path, uid }
      return listChecks(server.url()).map((check) => tryCommand(check, run))
    })
    const met = execFileSync('node', ['--version'], { env: { PATH: path }, encoding: 'utf8' }).trim()
    const failed = outcomes.filter((outcome) => outcome !== undefined)
    return { met, passed: outcomes.length - failed.length, failed, sizeBytes: sizeOf(prefix) }
  } finally {
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Every way of loading: nothing, files, jiti, PGlite and its worker, pg. */
function listChecks(url: string): readonly Check[] {
  const embedded = ['--database-url', 'pglite:.tidemark/db']
  const schema = `run_${Math.random().toString(36).slice(2, 10)}`
  const onServer = ['--database-url', url, '--schema', schema]
  return [
    [['--version'], 0],
    [['--help'], 0],
    [['init'], 0],
    [['new', 'add_tags', '--type', 'create_table'], 0],
    [['squash', 'x', '--through', '001', '--dry-run'], 2],
    [['completion', 'bash'], 0],
    [['validate', '--config', 'missing.ts'], 2],
    [['status', '--target'], 2],
    [['plan', '--target', '001', ...embedded], 0],
    [['up', '--target', '001_create_notes', ...embedded], 0],
    [['status', ...embedded, '--json'], 3],
    [['down', '--yes', ...embedded], 0],
    [['up', '--target', '001_create_notes', ...onServer], 0],
    [['down', '--yes', ...onServer], 0],
  ]
}

interface Run {
  readonly program: string
  readonly project: string
  readonly path: string
  readonly uid: number | undefined
}

function tryCommand([args, code]: Check, { program, project, path, uid }: Run): string | undefined {
  const { status, stderr } = spawnSync(program, args, {
    cwd: project,
    env: { PATH: path, HOME: project, NO_COLOR: '1' },
    encoding: 'utf8',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  if (status === code) return undefined
  return `tidemark ${args.filter((arg) => !arg.includes('://')).join(' ')}: exit ${status}, not ${code}: ${stderr.trim().slice(0, 200)}`
}

/** This user, and where it is root somebody else as well. */
function users(): readonly (number | undefined)[] {
  return process.getuid?.() === 0 ? [undefined, 65_534] : [undefined]
}

function install(args: readonly string[], cwd: string, path = process.env['PATH']): void {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
