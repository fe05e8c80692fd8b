// Measures how the page of a report opens and moves: node apps/report/scripts/measure-page.js REPORT.html [TIMES] [VIEW]
// Prints the median of some openings. Needs chromium (CHROMIUM names it).
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

/** Of tasks under 50 ms the browser tells nothing: they count as 0. */
const OBSERVE = `
  globalThis.longTasks = []
  new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries()))
    .observe({ type: 'longtask', buffered: true })`
const LONGEST = `new Promise((resolve) => setTimeout(() => {
  resolve(Math.max(0, ...globalThis.longTasks.splice(0).map(({ duration }) => duration)))
}, 200))`

const [report, times = '5', view = 'graph'] = process.argv.slice(2)
if (report === undefined) throw new TypeError('name the report: node measure-page.js REPORT.html')
const address = `${pathToFileURL(report).href}#/${view}`
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const measured = []
for (let time = 0; time < Number(times); time += 1) measured.push(await measure())
await browser.close()
for (const what of /** @type {const} */ ([
  'firstPaint',
  'drawn',
  'longestWhileOpening',
  'longestWhileMoved',
])) {
  const values = measured.map((one) => Math.round(one[what])).sort((a, b) => a - b)
  console.log(`${what}: ${values[Math.floor(values.length / 2)]} ms (${values.join(', ')})`)
}

async function measure() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.addInitScript({ content: OBSERVE })
  await page.goto(address)
  await page.waitForSelector('.node, .table')
  const drawn = await page.evaluate(() => performance.now())
  const firstPaint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  )
  const longestWhileOpening = Number(await page.evaluate(LONGEST))
  await page.getByRole('button', { name: 'Fit' }).click()
  await page.mouse.move(640, 400)
  await page.mouse.down()
  for (let step = 1; step <= 120; step += 1) await page.mouse.move(640 - step * 4, 400 - step * 2)
  await page.mouse.up()
  for (let step = 0; step < 40; step += 1) await page.mouse.wheel(0, step < 20 ? 120 : -120)
  const longestWhileMoved = Number(await page.evaluate(LONGEST))
  await page.close()
  return { firstPaint, drawn, longestWhileOpening, longestWhileMoved }
}
