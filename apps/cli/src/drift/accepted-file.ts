import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { replaceFile } from '@tidemark/core/node'
import { type AcceptedDrift, AcceptedDriftSchema } from '@tidemark/shadow'

/** Beside the configuration; it belongs into version control. */
const FILE = 'tidemark.drift.json'
const COMMENT = 'Differences from the migrations that are meant. Written by: tidemark drift --accept'

/**
 * Reads which differences were accepted; none where there is no file.
 *
 * @throws {TidemarkError} TM7029 when the file is not one that `--accept` writes, TM7012 when it cannot be read.
 */
export async function readAccepted(folder: string): Promise<readonly AcceptedDrift[]> {
  const text = await readPresent(join(folder, FILE))
  if (text === undefined) return []
  const parsed = AcceptedDriftSchema.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is not valid'}`)
  }
  return Object.entries(parsed.data.accepted).map(([object, entry]) => ({ object, ...entry }))
}

/** Writes which differences are accepted, sorted, and gives the path of the file. */
export async function writeAccepted(folder: string, accepted: readonly AcceptedDrift[]): Promise<string> {
  const sorted = [...accepted].sort((a, b) => (a.object < b.object ? -1 : 1))
  const entries = sorted.map(({ object, value, reason }) => [object, { value, reason }])
  const document = { $comment: COMMENT, accepted: Object.fromEntries(entries) }
  const path = join(folder, FILE)
  try {
    await replaceFile(path, `${JSON.stringify(document, null, 2)}\n`)
  } catch (cause) {
    throw unusable('written', cause)
  }
  return FILE
}

async function readPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unusable('read', cause)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'it is not JSON')
  }
}

function invalid(why: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7029',
    message: `${FILE} cannot be read: ${why}`,
    help: 'fix the file, or remove it and accept again with: tidemark drift --accept OBJECT --reason TEXT',
  })
}

function unusable(what: 'read' | 'written', cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7012',
    message: `${FILE} cannot be ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    help: 'check the file and the rights of its folder',
    cause,
  })
}
