import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One fenced block of a document. */
export interface Sample {
  readonly document: string
  /** 1-based line of the fence. */
  readonly line: number
  readonly language: string
  /** `file=…` after the language: the sample is this file of the document's project. */
  readonly file: string | undefined
  readonly text: string
  /** The paragraph above it. */
  readonly intro: string
}

/** Every document for users: the README, the packages' own, and everything under docs/. */
export function listDocuments(): readonly string[] {
  const packages = ['packages', 'apps', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name, 'README.md')),
  )
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name))
  return [join(root, 'README.md'), ...packages, ...docs]
    .filter(isFile)
    .map((path) => relative(root, path).replaceAll('\\', '/'))
}

function isFile(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}

/** Cuts the fenced blocks out of a document. */
export function readSamples(document: string): readonly Sample[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n')
  const samples: Sample[] = []
  for (let index = 0; index < lines.length; index++) {
    const opening = /^```(\S+)?(?: +file=(\S+))?\s*$/.exec(lines[index] ?? '')
    if (opening === null) continue
    const end = lines.indexOf('```', index + 1)
    const text = lines.slice(index + 1, end).join('\n')
    samples.push({
      document,
      line: index + 1,
      language: opening[1] ?? '',
      file: opening[2],
      text: `${text}\n`,
      intro:
        lines
          .slice(0, index)
          .join('\n')
          .trimEnd()
          .split(/\n\s*\n/)
          .at(-1) ?? '',
    })
    index = end
  }
  return samples
}
