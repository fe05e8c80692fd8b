import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { exhaustedHelp, TidemarkError } from '@tidemark/core'
import { makeFolder, replaceFile } from '@tidemark/core/node'

const DATA = '"@report-data@"'

/** Puts a document, as JSON, into the page that shows it: as data, which no text in it can leave. */
export async function renderPage(report: string): Promise<string> {
  const page = await readFile(new URL('./assets/report.html', import.meta.url), 'utf8')
  const data = report.replaceAll('<', '\\u003c')
  return page.replace(DATA, () => data)
}

/**
 * Writes the page with a document, given as JSON.
 *
 * @throws {TidemarkError} TM7012 when that fails.
 */
export async function writePage(path: string, report: string): Promise<void> {
  const page = await renderPage(report)
  try {
    await makeFolder(dirname(resolve(path)))
    await replaceFile(resolve(path), page)
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new TidemarkError({
      code: 'TM7012',
      message: `the report "${path}" cannot be written${reason}`,
      help: exhaustedHelp(cause) ?? 'name a file that this user may write with --out',
      cause,
    })
  }
}
