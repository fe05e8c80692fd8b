import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
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

/** Completes a line in a zsh of its own on a terminal, and prints each word that is added. */
const ZSH_CAPTURE = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "autoload -U compinit; compinit -u -D; source ./completion; source ./hook"
zpty -w -n z "$1"$'\\t'
while zpty -r z text; do done
sort -u words`
const ZSH_HOOK = `compadd() {
  local -a __added
  if (( \${@[(i)-[OAD]*]} <= $# )); then builtin compadd "$@"; return; fi
  builtin compadd -A __added "$@"
  print -rl -- $__added >> words
  builtin compadd "$@"
}
stop() { exit }
comppostfuncs=(stop)
: > words
`

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

/** What is typed, the last word not to its end, and what is offered. */
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
  ['commands', ['stat'], ['status']],
  ['aliases', ['roll'], ['rollback']],
  ['what help explains', ['help', 'exit'], ['exit-codes']],
  ['no files as arguments', ['new', 'tide'], []],
]

type Shell = Awaited<ReturnType<typeof openShell>>['shell']

/** How each shell is asked; what it adds to a word, such as what the word does, is left out. */
const SHELLS = {
  bash: (shell: Shell, script: string, words: readonly string[]) => {
    const line = ['tidemark', ...words].map((word) => `'${word}'`).join(' ')
    const asked = `COMP_WORDS=(${line})\nCOMP_CWORD=${words.length}\n_tidemark\nprintf '%s\\n' "\${COMPREPLY[@]}"`
    return shell('bash', ['-c', `${script}\n${asked}`])
  },
  zsh: (shell: Shell, _: string, words: readonly string[]) =>
    shell('zsh', ['-fc', ZSH_CAPTURE, 'zsh', `tidemark ${words.join(' ')}`]).replaceAll(/=$/gm, ''),
  fish: (shell: Shell, script: string, words: readonly string[]) =>
    shell('fish', ['-c', `${script}\ncomplete -C 'tidemark ${words.join(' ')}'`]).replaceAll(/\t.*/g, ''),
  pwsh: (shell: Shell, script: string, words: readonly string[]) => {
    const line = `tidemark ${words.join(' ')}`
    const asked = `(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`
    return shell('pwsh', ['-NoProfile', '-Command', `${script}\n${asked}`])
  },
}

test.for(['bash', 'zsh', 'fish', 'pwsh'] as const)(
  '%s completes',
  { timeout: 120_000 },
  async (name, { skip }) => {
    skip(process.platform === 'win32' || !has(name), `${name} is not installed`)
    const { run, shell, write } = await openShell()
    const { stdout: script } = await run(['completion', name === 'pwsh' ? 'powershell' : name])
    await write('completion', script)
    await write('hook', ZSH_HOOK)
    for (const [what, words, expected] of LINES) {
      const reply = SHELLS[name](shell, script, words).split('\n').filter(Boolean)
      expect({ what, reply }).toEqual({ what, reply: expected })
    }
  },
)

test.skipIf(process.platform === 'win32')(
  'bash completes a value that follows its flag after "="',
  async () => {
    const { run, shell } = await openShell()
    const { stdout: script } = await run(['completion', 'bash'])
    const asked = `COMP_WORDS=(tidemark up --target = 002)\nCOMP_CWORD=4\n_tidemark\necho "\${COMPREPLY[@]}"`
    expect(shell('bash', ['-c', `${script}\n${asked}`])).toBe('002_orders\n')
  },
)

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
