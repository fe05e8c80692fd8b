import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SCENARIOS } from '../src/scenarios.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
const names = SCENARIOS.map(({ name }) => name)

interface Promised {
  readonly invariant: string
  readonly tests: readonly string[]
  readonly scenarios: readonly string[]
}

/** The rows of the table of promises. A file without a folder lies beside the one before it. */
function readPromises(): readonly Promised[] {
  return [...page.matchAll(/^\| (I\d+) [^|]*\|[^|]*\|([^|]*)\|$/gm)].map(([, invariant = '', held = '']) => {
    const quoted = [...held.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
    let folder = ''
    const tests = quoted
      .filter((text) => text.endsWith('.ts'))
      .map((path) => {
        folder = path.includes('/') ? dirname(path) : folder
        return join(folder, basename(path))
      })
    return { invariant, tests, scenarios: quoted.filter((text) => !text.endsWith('.ts')) }
  })
}

test('every promise from I1 to I11 is in the table', () => {
  expect(readPromises().map(({ invariant }) => invariant)).toEqual(
    Array.from({ length: 11 }, (_, at) => `I${at + 1}`),
  )
})

test.each(readPromises())(
  '$invariant: what holds it exists, and names it',
  ({ invariant, tests, scenarios }) => {
    expect(tests.length).toBeGreaterThan(0)
    const naming = new RegExp(`['"\`]${invariant}(, I\\d+)*: `)
    const silent = tests.filter(
      (path) => !existsSync(join(root, path)) || !naming.test(readFileSync(join(root, path), 'utf8')),
    )
    expect(silent).toEqual([])
    expect(scenarios.filter((name) => !names.includes(name))).toEqual([])
  },
)

test('every scenario is told of, and what was done in the last full run', () => {
  const rows = (heading: string) =>
    [...(page.split(`## ${heading}`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, name]) => name,
    )
  expect(rows('The fault suite')).toEqual(names)
  expect(rows('The last full run')).toEqual(names)
})
