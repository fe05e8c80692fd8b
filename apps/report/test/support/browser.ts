import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ReportDocument } from '@tidemark/report'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { buildPage } from '../../scripts/build-page.js'

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Where the browser is; undefined: there is none, and tests in a browser are skipped. */
export const CHROMIUM = PLACES.find((path) => path !== undefined && existsSync(path))

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A page of a report in a browser, and what it did. */
export interface OpenReport {
  readonly page: Page
  /** Addresses that it asked for, but its own. */
  readonly requests: readonly string[]
  /** Errors of scripts, and of the policy. */
  readonly problems: readonly string[]
}

/** Opens reports from files, as users do. */
export interface ReportBrowser {
  readonly browser: Browser
  open(
    report: ReportDocument | { readonly problem: string } | null,
    hash?: string,
    options?: BrowserContextOptions,
  ): Promise<OpenReport>
  close(): Promise<void>
}

/** Builds the page, and starts a browser. */
export async function openReportBrowser(): Promise<ReportBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-report-'))
  const template = join(folder, 'template.html')
  await buildPage(template)
  const empty = await readFile(template, 'utf8')
  const browser = await chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    args: ARGUMENTS,
  })
  let count = 0
  return {
    browser,
    open: async (report, hash = '', options = {}) => {
      count += 1
      const file = join(folder, `${count}.html`)
      const data = JSON.stringify(report).replaceAll('<', '\\u003c')
      await writeFile(
        file,
        empty.replace('"@report-data@"', () => data),
      )
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      const page = await context.newPage()
      const requests: string[] = []
      const problems: string[] = []
      const own = pathToFileURL(file).href
      page.on('request', (request) => {
        if (!request.url().startsWith(own)) requests.push(request.url())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
      })
      page.on('dialog', (dialog) => {
        problems.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      await page.goto(`${own}${hash}`)
      // A picture is drawn once its size is known.
      await page.waitForSelector('.node, .table, .empty, .scroll', { state: 'attached' })
      return { page, requests, problems }
    },
    close: async () => {
      await browser.close()
      await rm(folder, { recursive: true })
    },
  }
}
