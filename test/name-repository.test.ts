import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const PAGE = 'packages/core/src/diagnostic/error-page.ts'
const published = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'apps/cli']
const files = ['package.json', ...published.map((path) => `${path}/package.json`), PAGE]
const readFrom = (folder: string) => files.map((file) => readFileSync(join(folder, file), 'utf8'))

/** Runs the script on a copy of every file that it writes. */
function nameRepository(variables: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const copy = mkdtempSync(join(tmpdir(), 'tidemark-repository-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(root, file), join(copy, file))
  }
  const { GITHUB_REPOSITORY: _, GITHUB_SERVER_URL: __, ...environment } = process.env
  const script = join(root, 'tools/run/name-repository.js')
  const { status, stderr } = spawnSync(process.execPath, [script, copy, ...flags], {
    encoding: 'utf8',
    env: { ...environment, ...variables },
  })
  return { status, stderr, texts: readFrom(copy) }
}

test('every published package names repository, homepage and bugs, from the one constant', () => {
  expect(nameRepository({})).toEqual({ status: 0, stderr: '', texts: readFrom(root) })
  for (const path of published) {
    const { homepage, repository, bugs } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    expect({ homepage, repository, bugs }).toEqual({
      homepage: expect.stringMatching(/^https:\/\/.+/),
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:\/\/.+\.git$/), directory: path },
      bugs: `${repository.url.slice('git+'.length, -'.git'.length)}/issues`,
    })
  }
})

test('in a workflow everything names its repository, so that provenance is taken', () => {
  const { texts } = nameRepository({ GITHUB_REPOSITORY: 'Someone/tide' }, '--release')
  const manifests = texts.slice(1, -1).map((text) => JSON.parse(text))
  expect(manifests.map(({ homepage, repository, bugs }) => ({ homepage, repository, bugs }))).toEqual(
    published.map((directory) => ({
      homepage: 'https://someone.github.io/tide',
      repository: { type: 'git', url: 'git+https://github.com/Someone/tide.git', directory },
      bugs: 'https://github.com/Someone/tide/issues',
    })),
  )
  expect(texts.at(-1)).toContain("DOCUMENTATION = 'https://someone.github.io/tide'")
})

test('nothing is released with the placeholder', () => {
  const { status, stderr } = nameRepository({}, '--release')
  const isNamed = !readFileSync(join(root, 'package.json'), 'utf8').includes('your-organization')
  expect({ status, stderr }).toEqual(
    isNamed
      ? { status: 0, stderr: '' }
      : {
          status: 1,
          stderr: 'package.json: "repository" is still a placeholder; write where the project lives\n',
        },
  )
})
