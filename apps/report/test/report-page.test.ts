import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, openReportBrowser, type ReportBrowser } from './support/browser.ts'
import {
  attempt,
  fleetOf,
  graphOf,
  heldLock,
  largeProject,
  newTable,
  rehearsalOf,
  reportOf,
  step,
} from './support/reports.ts'

const SHOP = graphOf({
  '001_users':
    '-- Description: People who buy\n-- @up\nCREATE TABLE users (id int PRIMARY KEY, email text);\n-- @down\nDROP TABLE users;\n',
  '002_orders':
    '-- Depends on: [001_users]\n-- @up\nCREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);\n-- @down\nDROP TABLE orders;\n-- @verify\nSELECT 1;\n',
  '003_wide': "-- Depends on: [001_users]\n-- @up\nINSERT INTO users VALUES (1, 'a@example');\n",
})
const SHOP_STEPS = [
  step('001_users', [
    newTable('public.users', { id: 'integer', email: 'text' }, { 'row security': 'enabled' }),
  ]),
  step('002_orders', [
    newTable('public.orders', { id: 'integer', user_id: 'integer' }),
    {
      change: 'added',
      object: {
        kind: 'constraint',
        id: 'public.orders orders_user_id_fkey',
        facets: new Map([['definition', 'FOREIGN KEY (user_id) REFERENCES users(id)']]),
      },
      parts: [],
    },
  ]),
  step('003_wide'),
]
const SHOP_ATTEMPTS = [
  attempt(1, {}),
  attempt(2, {
    migrationId: '002_orders',
    status: 'failed',
    errorMessage: '"002_orders" statement 1 of 1: relation "users" does not exist',
  }),
  attempt(3, { migrationId: '002_orders', executionTimeMs: 1400 }),
]
const shop = () =>
  reportOf({
    graph: SHOP,
    steps: SHOP_STEPS,
    attempts: SHOP_ATTEMPTS,
    rehearsal: rehearsalOf('002_orders', 'orders'),
    locks: [heldLock('orders')],
    fleet: fleetOf(20, '002_orders'),
  })

describe.skipIf(CHROMIUM === undefined)('the page in a browser (Debian: chromium)', () => {
  let browser: ReportBrowser
  beforeAll(async () => {
    browser = await openReportBrowser()
  })
  afterAll(() => browser?.close())

  /** The page draws a moment after the address has changed. */
  const untilShown = (page: Page, id: string) => page.locator('.panel h2', { hasText: id }).waitFor()
  const text = (page: Page, selector: string) => page.locator(selector).allTextContents()

  test('shows every migration, and the one that is chosen, and asks nobody for anything', async () => {
    const { page, requests, problems } = await browser.open(shop())
    expect(await page.title()).toBe('shop – Tidemark')
    expect(await text(page, '.node text')).toEqual(
      expect.arrayContaining(['001_users', '002_orders', '003_wide']),
    )
    await page.locator('.node[data-id="002_orders"]').click()
    await page.waitForSelector('.panel')
    await untilShown(page, '002_orders')
    expect(await text(page, '.panel h3')).toEqual(['Schema', '@up', '@down', '@verify', 'Attempts'])
    expect((await text(page, '.sql code'))[0]).toBe(
      'CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);',
    )
    expect(await text(page, '.fact.danger')).toContain('drops the table orders')
    expect((await text(page, '.panel .error'))[0]).toContain('relation "users" does not exist')
    await page.locator('.panel a', { hasText: '001_users' }).click()
    await untilShown(page, '001_users')
    await page.goBack()
    await untilShown(page, '002_orders')
    for (const [view, sign] of [
      ['#/schema', '.table'],
      ['#/timeline', '.run'],
      ['#/target', '.plan'],
      ['#/fleet', '.group'],
      ['#/nothing', '.node'],
    ] as const) {
      await page.evaluate((hash) => {
        location.hash = hash
      }, view)
      await page.waitForSelector(sign, { state: 'attached' })
    }
    expect({ requests, problems }).toEqual({ requests: [], problems: [] })
  })

  test('finds by id, description and state', async () => {
    const { page } = await browser.open(shop())
    await page.getByRole('searchbox').fill('people buy')
    await page.getByText('1 found').waitFor()
    await page.waitForFunction(() => document.querySelectorAll('.node.faded').length === 2)
    await page.getByRole('searchbox').press('Enter')
    await untilShown(page, '001_users')
  })

  test('shows the tables after any migration, and what differs', async () => {
    const { page } = await browser.open(shop(), '#/schema')
    expect((await text(page, '.table-name')).sort()).toEqual(['orders', 'users'])
    expect(await page.locator('.line').count()).toBe(1)
    expect(await page.locator('.badge').count()).toBe(1)
    await page.getByRole('slider').fill('1')
    await page.waitForFunction(() => document.querySelectorAll('.table').length === 1)
    await page.getByRole('slider').fill('3')
    await page.getByRole('combobox').selectOption('001_users')
    await page.waitForSelector('.changes li')
    expect(await text(page, '.changes li')).toEqual(
      expect.arrayContaining([expect.stringContaining('table public.orders')]),
    )
  })

  test('lists runs with what failed, and where time goes; CSV downloads', async () => {
    const { page } = await browser.open(shop(), '#/timeline')
    expect(await page.locator('.run').count()).toBe(2)
    expect((await text(page, '.run.failed .error'))[0]).toContain('does not exist')
    expect((await text(page, '.bars th'))[0]).toBe('002_orders')
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download CSV' }).click()
    const path = await (await downloading).path()
    expect(readFileSync(path, 'utf8').split('\r\n')[0]).toBe(
      'at,migration,direction,status,duration_ms,run,error',
    )
  })

  test('shows what a rehearsal found, and the locks of the moment', async () => {
    const { page } = await browser.open(shop(), '#/target')
    expect(await text(page, '.effects .fact')).toEqual([
      'ACCESS EXCLUSIVE on public.orders: everybody waits',
      'rewrites public.orders (84 GB, 210 M rows, 6 indexes)',
      '1 min to 3 min',
    ])
    expect(await text(page, '.finding')).toEqual([
      'warning blocks-others: everybody waits for ordersorders',
      'not rehearsed: 002_orders: orders',
    ])
    expect(await text(page, '.list tbody td')).toEqual([
      'public.orders',
      'ROW EXCLUSIVE',
      'pid 4711 (orders, idle in transaction, for 180 s)',
    ])
  })

  test('shows which targets of a fleet are at which version, of thousands too', async () => {
    const { page } = await browser.open(
      reportOf({ graph: SHOP, fleet: fleetOf(5000, '002_orders') }),
      '#/fleet',
    )
    expect(await text(page, '.group .number')).toEqual(['1 target', '4,499 targets', '500 targets'])
    expect(await text(page, '.group .chip')).toEqual(['cannot be read', 'current', 'behind by 2'])
    expect(await text(page, '.finding')).toEqual(['tenant-3: connection refused (TM5001)'])
    await page.getByRole('searchbox').fill('tenant-44')
    await page.waitForFunction(() => document.querySelectorAll('.finding').length === 0)
    await page.locator('.group summary').last().click()
    expect(await page.locator('.names').last().textContent()).toContain('tenant-44, ')
  })

  test('says why there is no report where a check did not run', async () => {
    const { page, problems } = await browser.open({ problem: 'a.sql: <b>wrong</b> (TM2002)' })
    expect(await text(page, '.empty p')).toEqual(['a.sql: <b>wrong</b> (TM2002)'])
    expect(problems).toEqual([])
  })

  test.each([
    ['no migration', reportOf({ graph: graphOf({}), database: 'left_out' })],
    ['no database', reportOf({ graph: SHOP, database: 'left_out' })],
    ['nothing that ran', reportOf({ graph: SHOP, steps: SHOP_STEPS })],
  ])('says what is missing where there is %s', async (_, report) => {
    for (const hash of ['#/graph', '#/schema', '#/timeline', '#/target', '#/fleet', '#/migration/none']) {
      const { page, problems } = await browser.open(report, hash)
      expect(((await page.locator('main').textContent()) ?? '').length).toBeGreaterThan(10)
      expect(problems).toEqual([])
      await page.context().close()
    }
  })

  test('says that there is nothing yet where the studio has no document', async () => {
    const { page, problems } = await browser.open(null)
    expect(await text(page, '.empty h2')).toEqual(['There is nothing to show yet'])
    expect(problems).toEqual([])
  })

  test('a hostile project is text: it runs nothing, and asks for nothing', async () => {
    const evil = `"><img src=http://127.0.0.1:9/x onerror=alert(1)></script><script>alert(2)</script><style>*{display:none}</style>`
    const graph = graphOf({
      '001_users': `-- Description: ${evil}\n-- Tags: [a]\n-- @up\nSELECT '${evil.replaceAll("'", "''")}'; -- ${evil}\n`,
    })
    const report = reportOf({
      graph,
      steps: [
        step('001_users', [
          newTable(`public."${evil.replaceAll('"', '""')}"`, { id: evil }, { comment: evil }),
        ]),
      ],
      attempts: [attempt(1, { errorMessage: evil, status: 'failed', runId: evil })],
      rehearsal: rehearsalOf('001_users', evil),
      locks: [heldLock(evil)],
      fleet: [{ name: evil, state: 'changed', version: evil, pending: 0, problems: [evil] }],
    })
    for (const hash of [
      '#/migration/001_users',
      '#/schema',
      '#/timeline',
      '#/target',
      '#/fleet',
      `#/migration/${encodeURIComponent(evil)}`,
    ]) {
      const { page, requests, problems } = await browser.open(report, hash)
      expect(await page.locator('body').isVisible()).toBe(true)
      expect(await page.locator('img').count()).toBe(0)
      expect({ hash, requests, problems }).toEqual({ hash, requests: [], problems: [] })
      await page.context().close()
    }
  })

  test.each(['light', 'dark'] as const)(
    'has no violation of accessibility rules (axe), %s',
    async (colorScheme) => {
      const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
      for (const hash of [
        '#/graph',
        '#/migration/002_orders',
        '#/schema/003_wide/001_users',
        '#/timeline',
        '#/target',
        '#/fleet',
      ]) {
        // The policy of the page forbids scripts that are not its own, as it should.
        const { page } = await browser.open(shop(), hash, { colorScheme, bypassCSP: true })
        await page.addScriptTag({ content: axe })
        const violations: unknown = await page.evaluate(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
        )
        expect({ hash, violations }).toEqual({ hash, violations: [] })
        await page.context().close()
      }
    },
  )

  test('is used by keyboard alone', async () => {
    const { page } = await browser.open(shop())
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement?.getAttribute('data-id') ??
          document.activeElement?.textContent?.slice(0, 40) ??
          '',
      )
    const reached: string[] = []
    for (let presses = 0; presses < 20 && !reached.includes('001_users'); presses += 1) {
      await page.keyboard.press('Tab')
      reached.push(await focused())
    }
    expect(reached).toEqual(
      expect.arrayContaining(['Skip to the content', 'Schema', 'Timeline', '001_users']),
    )
    await page.keyboard.press('Enter')
    await untilShown(page, '001_users')
    await page.keyboard.press('ArrowDown')
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-id') === '002_orders')
    await untilShown(page, '002_orders')
  })

  test.each([360, 2560])('fits a window of %i pixels', async (width) => {
    for (const hash of [
      '#/graph',
      '#/migration/002_orders',
      '#/schema',
      '#/timeline',
      '#/target',
      '#/fleet',
    ]) {
      const { page } = await browser.open(shop(), hash, { viewport: { width, height: 800 } })
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect({ hash, over }).toEqual({ hash, over: 0 })
      await page.context().close()
    }
  })

  test('shows 1,000 migrations, draws only what is near, and moves', async () => {
    const graph = graphOf(largeProject(1000))
    const { page, problems } = await browser.open(reportOf({ graph }))
    await page.waitForSelector('.node')
    const near = await page.locator('.node').count()
    expect(near).toBeGreaterThan(5)
    expect(near).toBeLessThan(400)
    await page.getByRole('button', { name: 'Fit' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.node').length === 1000)
    await page.getByRole('searchbox').fill('change_500')
    await page.getByRole('searchbox').press('Enter')
    await page.waitForSelector('.panel')
    await untilShown(page, '0500_change_500')
    expect(problems).toEqual([])
  })

  test('is small enough to send: at most 600 kB, zipped, without data', async () => {
    const { page } = await browser.open(reportOf({ graph: graphOf({}), database: 'left_out' }))
    expect(gzipSync(await page.content()).length).toBeLessThan(600_000)
  })
})
