import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import * as core from '../../src/index.ts'
import * as node from '../../src/node/index.ts'
import { exampleFixtures } from './example-fixtures.ts'
import { readExports } from './read-exports.ts'
import { runExample } from './run-example.ts'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
const entries = ['index.ts', 'node/index.ts']
const everything = entries.flatMap(readExports)
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

test('everything exported has a docstring that begins with a sentence', () => {
  const bare = everything.filter(
    ({ docstring }) => docstring === undefined || !/^[A-Z`{][\s\S]*?\./.test(docstring),
  )
  expect(bare.map(({ name, module }) => `${module}: ${name}`)).toEqual([])
})

test('every exported function and class has an example', () => {
  const without = everything.filter(
    ({ kind, examples }) => /function|class/.test(kind) && examples.length === 0,
  )
  expect(without.map(({ name, module }) => `${module}: ${name}`)).toEqual([])
})

describe('the example of', () => {
  const withExample = everything.flatMap(({ name, examples }) =>
    examples.map((example) => ({ name, example })),
  )
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-examples-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(withExample)('$name gives what it says', async ({ example }) => {
    const { actual, promised } = await runExample(example, { ...core, ...node, ...exampleFixtures(folder) })
    if (promised !== undefined) expect(plain(actual)).toEqual(plain(promised.value))
  })
})

describe('the API surface', () => {
  const output = mkdtempSync(join(tmpdir(), 'tidemark-api-'))
  afterAll(() => rmSync(output, { recursive: true, force: true }))

  test('is the committed one', async () => {
    const compiler = join(
      dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin',
      'tsc',
    )
    // From the source: the test needs no build.
    const source = ['--customConditions', '@tidemark/source']
    const options = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', output, ...source]
    execFileSync(process.execPath, [compiler, ...options], { cwd: packageFolder })
    const surface = everything.map(({ name, module }) =>
      readDeclaration(join(output, module.replace(/\.ts$/, '.d.ts')), name),
    )
    await expect(`${surface.sort().join('\n\n')}\n`).toMatchFileSnapshot('api-surface.txt')
  }, 60_000)
})

/** The declaration of one name, without comments. */
function readDeclaration(path: string, name: string): string {
  const text = readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*\n+/g, '\n')
  const start = text.search(
    new RegExp(`^export (declare )?(abstract )?(function\\*?|class|const|interface|type) ${name}\\b`, 'm'),
  )
  const rest = text.slice(start)
  const end = rest.slice(1).search(/^(export|declare|\/\/#|import|interface|type|class|const|function)\b/m)
  return (end === -1 ? rest : rest.slice(0, end + 1)).trimEnd()
}
