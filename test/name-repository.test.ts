import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const script = fileURLToPath(new URL('../tools/run/name-repository.js', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'tidemark-repository-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const PATHS = ['packages/core', 'apps/cli']
for (const path of PATHS) {
  mkdirSync(join(root, path), { recursive: true })
  writeFileSync(join(root, path, 'package.json'), '{\n  "name": "x"\n}\n')
}

function nameRepository(variables: Readonly<Record<string, string>>): readonly string[] {
  const { GITHUB_REPOSITORY: _, GITHUB_SERVER_URL: __, ...environment } = process.env
  execFileSync(process.execPath, [script, root], { env: { ...environment, ...variables } })
  return PATHS.map((path) => readFileSync(join(root, path, 'package.json'), 'utf8'))
}

test('outside of a workflow the manifests stay as they are', () => {
  expect(nameRepository({})).toEqual(['{\n  "name": "x"\n}\n', '{\n  "name": "x"\n}\n'])
})

test('in a workflow each manifest names repository and folder, so that provenance is taken', () => {
  const manifests = nameRepository({ GITHUB_REPOSITORY: 'someone/tidemark' })
  expect(manifests.map((text) => JSON.parse(text))).toEqual(
    PATHS.map((directory) => ({
      name: 'x',
      repository: { type: 'git', url: 'git+https://github.com/someone/tidemark.git', directory },
    })),
  )
})
