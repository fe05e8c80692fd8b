import { dirname, resolve } from 'node:path'
import { makeFolder, replaceFile } from '@tidemark/core/node'
import type { FileFormat, ReportTarget } from './report-targets.ts'

/** What {@link writeReports} writes, and to whom it speaks. */
export interface ReportWriting<Format extends string> {
  readonly present: Readonly<Record<Format, () => string | Promise<string>>> & {
    readonly github: () => string
  }
  /** Where annotations for GitHub go; its runner reads both streams. */
  readonly annotate: (text: string) => void
  /**
   * What a path that cannot be written is: an error, or only said, where the result is bad already. A disk that
   * takes no more says nothing about the files, so it is only said.
   */
  readonly unwritten: 'fails' | 'is_said'
  readonly onUnwritten: (cause: unknown) => void
}

/** Writes each report to its place; missing folders are made. */
export async function writeReports<Format extends FileFormat>(
  targets: readonly ReportTarget<Format>[],
  { present, annotate, unwritten, onUnwritten }: ReportWriting<Format>,
): Promise<void> {
  for (const target of targets) {
    if (target.kind === 'annotations') annotate(present.github())
    else {
      await writeReport(target.path, await present[target.format]()).catch((cause: unknown) => {
        if (unwritten === 'fails' && !isOutOfSpace(cause)) throw cause
        onUnwritten(cause)
      })
    }
  }
}

async function writeReport(path: string, text: string): Promise<void> {
  await makeFolder(dirname(resolve(path)))
  await replaceFile(resolve(path), text)
}

const OUT_OF_SPACE: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']

function isOutOfSpace(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && OUT_OF_SPACE.includes(cause.code)
}
