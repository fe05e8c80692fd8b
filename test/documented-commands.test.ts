import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listDocuments, root } from './samples/read-samples.ts'

interface DocumentedCommand {
  readonly command: string
  readonly aliases: readonly string[]
  readonly flags: readonly string[]
}

const SNAPSHOT: readonly DocumentedCommand[] = JSON.parse(
  readFileSync(join(root, 'apps/cli/command-snapshot.json'), 'utf8'),
)
/** By command and alias; `-e, --env=` is `-e` and `--env`. */
const FLAGS = new Map(
  SNAPSHOT.flatMap(({ command, aliases, flags }) => {
    const known = new Set(flags.flatMap((flag) => flag.split(', ').map((word) => word.replace('=', ''))))
    return [command, ...aliases].map((name) => [name, known] as const)
  }),
)
const EVERYWHERE: ReadonlySet<string> = new Set(['--help', '-h', '--version'])
/** No commands of ours: a topic, and mistakes that the pages of their errors show. */
const OTHERS: ReadonlySet<string> = new Set(['help', 'stauts', 'validate --stric'])

/** Cuts the calls of `tidemark` out of a document, in text and samples, recipes in JSON arrays among them. */
function listCalls(text: string): readonly string[] {
  const plain = text.replace(/\["tidemark"((?:, *"[^"]*")*)/g, (_, rest: string) => {
    return `\n$ tidemark${rest.replace(/, *"([^"]*)"/g, ' $1')}\n`
  })
  const calls = plain.matchAll(
    /(?:^|[`$>:/;&(]|&& |npx )\s*tidemark +([a-z]+(?: [^`\n|;&)#]*)?)(?=[`\n|;&)#])/gm,
  )
  return Array.from(calls, ([, call = '']) => call.trim())
}

function findFault(call: string): string | undefined {
  // Behind ` -- ` is the command line of another program.
  const [command = '', ...words] = call.replace(/ -- .*$/, '').split(/\s+/)
  if (OTHERS.has(command) || OTHERS.has(call)) return undefined
  const flags = FLAGS.get(command)
  if (flags === undefined) return `there is no command "${command}"`
  const given = words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/[=\],.:].*$/, '').replace(/^--no-/, '--'))
  const unknown = given.find((flag) => !flags.has(flag) && !EVERYWHERE.has(flag))
  return unknown === undefined ? undefined : `"${command}" has no ${unknown}`
}

test('every command line in the documents names commands and flags that exist', () => {
  const calls = listDocuments().flatMap((document) =>
    listCalls(readFileSync(join(root, document), 'utf8')).map((call) => ({ document, call })),
  )
  expect(calls.length).toBeGreaterThan(200)
  const faults = calls.flatMap(({ document, call }) => {
    const fault = findFault(call)
    return fault === undefined ? [] : [`${document}: tidemark ${call}: ${fault}`]
  })
  expect(faults).toEqual([])
})
