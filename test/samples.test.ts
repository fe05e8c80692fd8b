import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createTestDatabase } from '@tidemark/test-servers'
import { parse } from 'libpg-query'
import { describe, expect, test } from 'vitest'
import { listDocuments, readSamples, root, type Sample } from './samples/read-samples.ts'
import { matches, normalise, readSteps, runInShell } from './samples/run-console.ts'

const documents = listDocuments().map((document) => ({ document, samples: readSamples(document) }))
const withConsole = documents.filter(({ samples }) => samples.some(({ language }) => language === 'console'))
const everySample = documents.flatMap(({ samples }) => samples)
const place = ({ document, line }: Sample) => `${document}:${line}`

/**
 * Runs a document's console samples in order, in a project of its own that holds the document's `file=`
 * samples.
 */
describe.each(withConsole)('$document', ({ samples }) => {
  test('prints what it shows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-sample-'))
    const database = await createTestDatabase()
    try {
      for (const sample of samples) {
        if (sample.file !== undefined) writeSample(folder, sample)
        if (sample.language === 'console') runSample(folder, sample, { DATABASE_URL: database.url })
      }
    } finally {
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, 120_000)
})

function writeSample(folder: string, { file = '', text }: Sample): void {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function runSample(folder: string, sample: Sample, env: Readonly<Record<string, string>>): void {
  for (const { command, expected } of readSteps(sample)) {
    const actual = runInShell(command, folder, env).map(normalise)
    const shown = expected.map(normalise)
    if (shown.length === 0 || matches(shown, actual)) continue
    expect({ place: place(sample), command, output: actual }).toEqual({
      place: place(sample),
      command,
      output: shown,
    })
  }
}

test('the README of every package, which is its page in the registry, has an example', () => {
  const packages = documents.filter(({ document }) => /^(packages|apps)\//.test(document))
  expect(packages.length).toBeGreaterThan(10)
  expect(packages.flatMap(({ document, samples }) => (samples.length > 0 ? [] : [document]))).toEqual([])
})

test('the text above a sample that is a file has its name, since an info string is not shown', () => {
  const unnamed = everySample.filter(
    ({ file, intro }) => file !== undefined && !intro.includes(`\`${file}\``),
  )
  expect(unnamed.map(place)).toEqual([])
})

test('every SQL sample is SQL', async () => {
  const wrong: string[] = []
  for (const sample of everySample.filter(
    ({ language, document }) => language === 'sql' && !/docs\/errors\/TM/.test(document),
  )) {
    await parse(
      sample.text.replace(/(FROM stdin[^;]*;)[\s\S]*?^\\\.$/gm, '$1').replace(/^\\.*$/gm, ''),
    ).catch((error: Error) => wrong.push(`${place(sample)}: ${error.message}`))
  }
  expect(wrong).toEqual([])
})

test('every JSON sample is JSON', () => {
  for (const sample of everySample.filter(({ language }) => language === 'json')) {
    expect(() => JSON.parse(sample.text), place(sample)).not.toThrow()
  }
})

test('every TypeScript and JavaScript sample type-checks', () => {
  const folder = mkdtempSync(join(root, 'test', '.samples-'))
  try {
    const code = everySample.filter(({ language }) => /^(ts|js|mjs|typescript|javascript)$/.test(language))
    expect(code.length).toBeGreaterThan(0)
    for (const [index, sample] of code.entries()) {
      writeFileSync(join(folder, `sample-${index}.ts`), `${prelude(sample.text)}${sample.text}\nexport {}\n`)
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(checkOptions))
    const modules = join(folder, 'node_modules')
    mkdirSync(join(modules, '@tidemark'), { recursive: true })
    for (const name of readdirSync(join(root, 'packages'))) linkPackage(modules, name)
    const places = code.map((sample, index) => `sample-${index}.ts is ${place(sample)}`)
    const output = runInShell(
      `node "${join(root, 'node_modules/typescript/bin/tsc')}" -p tsconfig.json --pretty false`,
      folder,
      {},
    )
    const wrong = output.filter((line) => line !== '' && !FRAGMENT.test(line))
    expect(wrong.length === 0 ? [] : [...wrong, ...places]).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)

/**
 * A sample may leave names and modules to its surroundings: the reader's own files, another sample, another
 * runtime.
 */
const FRAGMENT = /error TS(2304|2307|2834|2868|18004|2552|7006|7031)\b/

const checkOptions = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    noUnusedLocals: false,
    noUnusedParameters: false,
    noPropertyAccessFromIndexSignature: false,
    allowJs: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
}

/** What samples may leave out, as a reader understands it anyway. */
function prelude(text: string): string {
  const known: Readonly<Record<string, string>> = {
    pool: "import { Pool as SamplePool } from 'pg'\nconst pool = new SamplePool()\n",
    runner:
      "import { createMigrationRunner as sampleRunner } from '@tidemark/pg-driver'\nconst runner = sampleRunner({ database: '', migrations: '' })\n",
  }
  return Object.entries(known)
    .filter(
      ([name]) =>
        new RegExp(`\\b${name}\\b`).test(text) &&
        !new RegExp(`(const|let|import)[^\\n]*\\b${name}\\b[^\\n]*(=|from)`).test(text),
    )
    .map(([, code]) => code)
    .join('')
}

function linkPackage(modules: string, folder: string): void {
  const target = join(root, 'packages', folder)
  const { name }: { name: string } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
  link(target, join(modules, name))
  const own = join(target, 'node_modules')
  for (const dependency of readdirSync(own).filter((entry) => !entry.startsWith('.'))) {
    if (!dependency.startsWith('@')) link(join(own, dependency), join(modules, dependency))
    else
      for (const scoped of readdirSync(join(own, dependency)))
        link(join(own, dependency, scoped), join(modules, dependency, scoped))
  }
}

/** Does nothing where another package brought the same name. */
function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  if (!existsSync(path)) symlinkSync(target, path, 'junction')
}
