import { TidemarkError } from '@tidemark/core'
import { type Manifest, readManifest } from '@tidemark/gate'

/** The manifest of the files, and the text that would be written. */
interface Expected {
  readonly manifest: Manifest
  readonly text: string
}

/**
 * Compares the manifest of the files with a file's text. A formatter may have changed the layout of the file.
 *
 * @param present undefined when there is no file.
 * @throws {TidemarkError} TM7026 when they differ, naming what does; TM7060 when the file is no manifest.
 */
export function checkManifest(expected: Expected, present: string | undefined, name: string): void {
  if (present === undefined) throw outOfDate(name, 'it does not exist')
  if (present.replaceAll('\r\n', '\n') === expected.text) return
  const document = readManifestText(present)
  const found = document === undefined ? undefined : readManifest(document, name)
  const digest = found?.digest ?? readDigest(present, name)
  if (digest === expected.manifest.digest) return
  throw outOfDate(name, found === undefined ? '' : describeDifference(found, expected.manifest))
}

/**
 * The JSON in a document or module; undefined where a formatter turned it into TypeScript of its own style.
 */
export function readManifestText(text: string): unknown {
  const start = text.indexOf('{', text.indexOf('export const'))
  try {
    return JSON.parse(text.slice(start, text.lastIndexOf('}') + 1))
  } catch {
    return undefined
  }
}

function readDigest(text: string, name: string): string {
  const digest = /\bdigest['"]?\s*:\s*['"]([0-9a-f]{64})['"]/.exec(text)?.[1]
  if (digest !== undefined) return digest
  throw new TidemarkError({
    code: 'TM7060',
    message: `${name} is not a manifest of Tidemark: it has no digest`,
    help: `write it again: tidemark manifest --out ${name}`,
  })
}

function describeDifference(found: Manifest, expected: Manifest): string {
  const before = new Map(found.migrations.map((entry) => [entry.id, JSON.stringify(entry)]))
  const after = new Map(expected.migrations.map((entry) => [entry.id, JSON.stringify(entry)]))
  const parts = [
    ...[...after].flatMap(([id, entry]) => {
      const was = before.get(id)
      return was === undefined ? `${id} is new` : was === entry ? [] : `${id} has changed`
    }),
    ...[...before.keys()].filter((id) => !after.has(id)).map((id) => `${id} is gone`),
  ]
  const rest = parts.length > SHOWN ? `, and ${parts.length - SHOWN} more` : ''
  return parts.slice(0, SHOWN).join(', ') + rest
}

const SHOWN = 5

function outOfDate(name: string, why: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7026',
    message: `${name} is out of date${why === '' ? '' : `: ${why}`}`,
    help: `write it again and commit it: tidemark manifest --out ${name}`,
  })
}
