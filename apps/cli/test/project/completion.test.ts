import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, type Project } from '../support/project.ts'

beforeAll(buildWhenStale)

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const FILES = {
  'tidemark.config.json': '{ "environments": { "production": {}, "staging": {} } }',
  'migrations/001_users.sql': '-- @up\nSELECT 1;\n',
  'migrations/002_orders.sql': '-- @up\nSELECT 1;\n',
  'other/010_other.sql': '-- @up\nSELECT 1;\n',
}

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0

/** A project with `tidemark` on its PATH, and what a shell prints there. */
async function openShell(): Promise<Project & { shell(name: string, args: readonly string[]): string }> {
  const project = await openProject(FILES)
  const bin = join(project.folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'tidemark'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`)
  chmodSync(join(bin, 'tidemark'), 0o755)
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: project.folder }
  const shell = (name: string, args: readonly string[]) =>
    execFileSync(name, [...args], { cwd: project.folder, env, encoding: 'utf8' })
  return { ...project, shell }
}

const LINES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['an id after a flag', ['up', '--target', ''], ['001_users', '002_orders']],
  ['an id that was begun', ['down', '--to', '002'], ['002_orders']],
  ['an id as an argument', ['show', ''], ['001_users', '002_orders']],
  ['ids of the folder that was named', ['up', '--dir', 'other', '--target', ''], ['010_other']],
  ['environments', ['status', '--env', ''], ['production', 'staging']],
  ['environments after -e', ['status', '-e', 'p'], ['production']],
  ['the values of a flag', ['up', '--log-level', 'w'], ['warn']],
  ['nothing for a free value', ['up', '--lock-timeout', ''], []],
  ['flags', ['up', '--targ'], ['--target']],
  ['the values of an argument', ['completion', 'p'], ['powershell']],
  ['aliases like their command', ['rollback', '--to', '001'], ['001_users']],
]

describe.skipIf(process.platform === 'win32')('bash', () => {
  test('completes ids, environments and values of flags', async () => {
    const { run, shell } = await openShell()
    const { stdout: script } = await run(['completion', 'bash'])
    for (const [what, words, expected] of LINES) {
      const line = ['tidemark', ...words].map((word) => `'${word}'`).join(' ')
      const reply = shell('bash', [
        '-c',
        `${script}\nCOMP_WORDS=(${line})\nCOMP_CWORD=${words.length}\n_tidemark\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
      ])
      expect({ what, reply: reply.split('\n').filter(Boolean) }).toEqual({ what, reply: expected })
    }
    const split = shell('bash', [
      '-c',
      `${script}\nCOMP_WORDS=(tidemark up --target = 002)\nCOMP_CWORD=4\n_tidemark\necho "\${COMPREPLY[@]}"`,
    ])
    expect(split).toBe('002_orders\n')
  })
})

test.skipIf(!has('zsh'))('zsh reads its script', async () => {
  const { run, shell } = await openShell()
  const { stdout } = await run(['completion', 'zsh'])
  expect(shell('zsh', ['-fc', `autoload -U compinit; compinit -u\n${stdout}\necho read`])).toBe('read\n')
})

test.skipIf(!has('fish'))('fish completes', async () => {
  const { run, shell } = await openShell()
  const { stdout } = await run(['completion', 'fish'])
  expect(shell('fish', ['-c', `${stdout}\ncomplete -C 'tidemark up --target '`])).toBe(
    '001_users\n002_orders\n',
  )
})

test.skipIf(!has('pwsh'))('PowerShell completes', async () => {
  const { run, shell } = await openShell()
  const { stdout } = await run(['completion', 'powershell'])
  const asked = "(TabExpansion2 'tidemark up --target ' 21).CompletionMatches.CompletionText"
  expect(shell('pwsh', ['-NoProfile', '-Command', `${stdout}\n${asked}`])).toBe('001_users\n002_orders\n')
})

test('each script names the values of a flag, and asks for ids and environments', async () => {
  const { run } = await openProject(FILES)
  const scriptOf = async (shell: string) => (await run(['completion', shell])).stdout
  expect(await scriptOf('zsh')).toContain(':value:_tidemark_list ids')
  expect(await scriptOf('zsh')).toContain(':value:(debug info warn error silent)')
  expect(await scriptOf('fish')).toContain("-l target -d 'Apply only this migration")
  expect(await scriptOf('fish')).toContain('--list environments')
  const powershell = await scriptOf('powershell')
  expect(powershell).toMatch(/'up' = @\{.*'--target' = '@ids'.*\}/)
  expect(powershell).toMatch(/'status' = @\{.*'-e' = '@environments'.*\}/)
})

test('the words that scripts ask for are those of the project that the line names, and a mistake is empty', async () => {
  const { run } = await openProject(FILES)
  const list = async (what: string, line: string) =>
    (await run(['completion', 'fish', '--list', what, '--line', line])).stdout.split('\n').filter(Boolean)
  expect(await list('ids', 'tidemark up --target ')).toEqual(['001_users', '002_orders'])
  expect(await list('ids', 'tidemark up --dir="other" --target ')).toEqual(['010_other'])
  expect(await list('ids', 'tidemark up --dir missing --target ')).toEqual([])
  expect(await list('environments', 'tidemark status --env ')).toEqual(['production', 'staging'])
})
