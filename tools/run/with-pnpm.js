import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

const { packageManager } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/**
 * Runs a shell line in the repository with the workspace's pnpm on PATH, on a machine that has only Node and
 * npm. Ends this process with the line's exit code if it fails.
 *
 * @param {string} line
 * @param {{ quiet?: boolean }} [options] `quiet` shows the output only when the line fails
 */
export function runWithPnpm(line, options) {
  const code = tryWithPnpm(line, options)
  if (code === 0) return
  process.stderr.write(`\nfailed: ${line}\n`)
  process.exit(code)
}

/**
 * Runs a shell line as {@link runWithPnpm} does, and goes on if it fails.
 *
 * @param {string} line
 * @param {{ quiet?: boolean }} [options]
 * @returns {number} the exit code
 */
export function tryWithPnpm(line, { quiet = false } = {}) {
  const command = `npx --yes --package=${packageManager} --call "${line.replaceAll('"', '\\"')}"`
  const result = spawnSync(command, {
    cwd: root,
    shell: true,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    maxBuffer: 1 << 28,
    env: { ...process.env, npm_config_update_notifier: 'false', TURBO_TELEMETRY_DISABLED: '1' },
  })
  const code = result.status ?? 1
  if (quiet && code !== 0) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  return code
}

/**
 * Runs a program of the workspace with this Node, on what the configuration of the repository names: a
 * `TIDEMARK_*` variable, which would win over it, is left out, so that the example never reaches a database
 * of somebody's own.
 *
 * @param {readonly string[]} args the script and its arguments
 * @returns {number} the exit code
 */
export function runNode(args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^TIDEMARK_/i.test(name)))
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1
}
