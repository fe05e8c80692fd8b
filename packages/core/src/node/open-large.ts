import { stat } from 'node:fs/promises'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { LargeContent, LargePart, LargeStatement } from '../migration/model/large-content.ts'
import { hasCode } from '../sql/has-code.ts'
import type { SqlStatement } from '../sql/statement.ts'
import { type DisplayPath, reading } from './find-sql-files.ts'
import { locatePart, readLineOf } from './locate-part.ts'
import { readNormalized, UnreadableBytes } from './normalized-bytes.ts'
import { type LargeWindow, scanLarge } from './scan-large.ts'

/** A file that is too large to be held. */
export interface LargeFile {
  readonly path: string
  readonly sizeBytes: number
  readonly display: DisplayPath
  readonly trackingSchema: string
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined
}

/** Opens what of a large file is read while it runs; `identity` is that of the file when it was planned. */
export function openLarge(
  { path, sizeBytes, display }: LargeFile,
  { identity, statementCount }: { readonly identity: string; readonly statementCount: number },
): LargeContent {
  return {
    sizeBytes,
    statementCount,
    locate: (part) => locatePart(part, path, display),
    readLine: (line) => readLineOf(path, display, line),
    async *readUp(signal) {
      const check = async () => {
        if ((await identify(path, display)) !== identity) throw changedMeanwhile(display(path))
      }
      await check()
      yield* readUp(scanLarge(readAgain(path, display), display(path)), signal)
      await check()
    },
  }
}

/** It was readable when it was planned. */
async function* readAgain(path: string, display: DisplayPath): AsyncGenerator<Buffer> {
  try {
    yield* readNormalized(path, display)
  } catch (error) {
    throw error instanceof UnreadableBytes ? changedMeanwhile(display(path)) : error
  }
}

/** Gives what a file system changes whenever a file is written to or replaced. */
export async function identify(path: string, display: DisplayPath): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await reading(path, display, (name) => stat(name, { bigint: true }))
  return [ino, size, mtimeNs, ctimeNs].join(' ')
}

async function* readUp(
  windows: AsyncIterable<LargeWindow>,
  signal: AbortSignal | undefined,
): AsyncGenerator<LargeStatement> {
  let index = 0
  let isUp = false
  for await (const { part, scan, copyData } of windows) {
    signal?.throwIfAborted()
    for (const statement of scan.statements) {
      const marker = scan.markers.find(
        ({ line }) => line.start === statement.start && line.end === statement.end,
      )
      if (marker !== undefined) isUp = marker.name === 'up'
      if (!isUp || !hasCode(part.source.text, statement)) continue
      const isLast = copyData !== undefined && statement === scan.statements.at(-1)
      yield { index, part, statement, ...(isLast ? { copyData } : inlineData(part, statement)) }
      index += 1
    }
  }
}

function inlineData({ source }: LargePart, { copyData }: SqlStatement): Pick<LargeStatement, 'copyData'> {
  if (copyData === undefined) return {}
  const bytes = Buffer.from(source.text.slice(copyData.start, copyData.end))
  return {
    copyData: (async function* () {
      yield bytes
    })(),
  }
}

function changedMeanwhile(name: string): TidemarkError {
  return new TidemarkError({
    code: 'TM5022',
    message: `"${name}" was changed while it ran`,
    help: 'run "tidemark up" again when no other program writes to the file',
    details: { file: name },
  })
}
