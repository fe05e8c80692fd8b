// Takes the pictures of the documentation: node apps/report/scripts/take-screenshots.js REPORT.html
// A report of the example project, `tidemark report`, is what they show. Needs chromium (CHROMIUM names it).
import { mkdir } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const PICTURES = [
  { name: 'report-migration', hash: '#/migration/003_create_page_visits' },
  { name: 'report-schema', hash: '#/schema' },
]

const [report] = process.argv.slice(2)
if (report === undefined) throw new TypeError('name the report: node take-screenshots.js REPORT.html')
const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
await mkdir(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
for (const { name, hash } of PICTURES) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  await page.goto(`${pathToFileURL(report).href}${hash}`)
  await page.waitForSelector('.canvas svg')
  await page.screenshot({ path: `${folder}${name}.png` })
  await page.close()
}
await browser.close()
