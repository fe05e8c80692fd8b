import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSamples, root } from './samples/read-samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-docker-'))
/** The reader's project, and the `/app` of the image. */
const project = join(folder, 'project')
const image = join(folder, 'app')
let archive = ''

const sampleOf = (document: string, language: string): string => {
  const sample = readSamples(document).find((one) => one.language === language)
  if (sample === undefined) throw new TypeError(`${document} has no ${language}`)
  return sample.text
}

/** What a shell prints, with the packages of the project first on the PATH as in the image. */
function run(command: string, cwd: string): string {
  return execFileSync('sh', ['-ec', command], {
    cwd,
    encoding: 'utf8',
    env: {
      HOME: process.env['HOME'],
      PATH: `${join(cwd, 'node_modules/.bin')}:${process.env['PATH']}`,
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

beforeAll(() => {
  execFileSync('pnpm', ['pack', '--pack-destination', folder], { cwd: join(root, 'apps/cli'), stdio: 'pipe' })
  archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '')
  for (const path of [project, image]) mkdirSync(path)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.skipIf(process.platform === 'win32')(
  'the guide and the page about Docker, followed in an empty folder, give an image that migrates and serves',
  () => {
    const install = sampleOf('docs/guide.md', 'sh').split('\n')[0] ?? ''
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n')
    run(install.replace(/ tidemark\b/, ` --no-audit --no-fund "${archive}"`), project)
    run('npx tidemark init --embedded', project)
    writeFileSync(join(project, 'server.js'), "console.log('serving')\n")
    writeFileSync(join(project, 'start.sh'), sampleOf('docs/deploy/start-script.md', 'sh'))
    chmodSync(join(project, 'start.sh'), 0o755)

    const ignored = sampleOf('docs/deploy/docker.md', 'text').trim().split('\n')
    for (const line of sampleOf('docs/deploy/docker.md', 'dockerfile').trim().split('\n')) {
      const [instruction = '', ...words] = line.split(' ')
      if (instruction === 'COPY') copy(words.slice(0, -1), ignored)
      // The user of the image does not exist on every machine.
      if (instruction === 'RUN') run(words.join(' ').replace('chown node', 'ls'), image)
      if (instruction === 'CMD') expect(run('exec ./start.sh', image)).toContain('serving')
    }
    expect(run('tidemark status --json', image)).toContain('"state": "applied"')
  },
  300_000,
)

function copy(names: readonly string[], ignored: readonly string[]): void {
  const files = names.includes('.') ? readdirSync(project) : names
  for (const name of files.filter((file) => !ignored.includes(file) && existsSync(join(project, file)))) {
    cpSync(join(project, name), join(image, name), { recursive: true })
  }
}
