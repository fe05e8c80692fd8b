import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGate, type Gate, type RequestGate } from '../src/index.ts'
import { describeScenarios } from './adapter-scenarios.ts'
import { entry, manifestOf } from './manifests.ts'
import { describeTargets } from './target-suite.ts'
import { createTables, record } from './tracking-tables.ts'

/** A running application. */
export interface AdapterApp {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts an application of the framework on 127.0.0.1. Probes at `/livez` and `/readyz` are outside the gate;
 * `GET /`, `GET /healthz` and `POST /orders` answer 200 with their path as text, behind the gate; `GET
 * /phone` waits for `002_phone` too.
 */
export type StartAdapter = (gate: RequestGate) => Promise<AdapterApp>

const migrations = manifestOf(entry('001_users'), entry('002_phone', { blocking: false }))

/** What every adapter does, over real HTTP, a real pool and a real server. */
export function describeAdapter(name: string, start: StartAdapter): void {
  describe(`${name}, deployed`, () => describeScenarios(start))
  describe(`${name}, of many targets`, () => describeTargets(start))
  describe(name, () => {
    let database: TestDatabase
    let pool: pg.Pool
    let gate: Gate
    let app: AdapterApp
    let queries: number
    let startedAt: number

    beforeEach(async () => {
      database = await createTestDatabase()
      pool = new pg.Pool({ connectionString: database.url, max: 1 })
      pool.on('error', () => undefined)
      queries = 0
      startedAt = performance.now()
      gate = createGate({ database: countQueries(), migrations, allow: ['/healthz'] })
      app = await start(gate)
    })
    afterEach(async () => {
      await app.close()
      await gate.stop()
      await pool.end()
      await database.drop()
    })

    function countQueries() {
      return {
        query: (text: string, values: string[]) => {
          queries += 1
          return pool.query(text, values)
        },
      }
    }

    async function firstCheck(): Promise<void> {
      while (gate.status().kind === 'unknown') await sleep(10)
    }

    const get = (path: string, init?: RequestInit) => fetch(app.url + path, init)
    const statusOf = async (path: string, init?: RequestInit) => (await get(path, init)).status

    test('answers 503 with Retry-After and a problem document until the schema is current', async () => {
      await firstCheck()
      const response = await get('/')
      expect({
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        type: response.headers.get('content-type'),
        cache: response.headers.get('cache-control'),
        body: await response.json(),
      }).toEqual({
        status: 503,
        retryAfter: '1',
        type: 'application/problem+json',
        cache: 'no-store',
        body: {
          type: 'urn:tidemark:schema-not-current',
          title: 'Database schema is not current',
          status: 503,
          detail: '1 required migration is pending.',
          pending: 1,
        },
      })
    })

    test('answers HEAD without a body and with the headers of GET', async () => {
      await firstCheck()
      const [head, whole] = await Promise.all([get('/', { method: 'HEAD' }), get('/')])
      expect([head.status, await head.text()]).toEqual([503, ''])
      expect(head.headers.get('content-length')).toBe(String((await whole.text()).length))
      expect(head.headers.get('retry-after')).toBe('1')
    })

    test('holds back unknown paths and every method, and lets allowed paths and preflights through', async () => {
      const preflight = {
        method: 'OPTIONS',
        headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
      }
      expect({
        unknown: await statusOf('/unknown'),
        post: await statusOf('/orders', { method: 'POST', body: 'x' }),
        allowed: await statusOf('/healthz'),
        allowedWithQuery: await statusOf('/healthz?full=1'),
        encoded: await statusOf('/%68ealthz/../orders'),
      }).toEqual({ unknown: 503, post: 503, allowed: 200, allowedWithQuery: 200, encoded: 503 })
      expect(await statusOf('/orders', preflight)).not.toBe(503)
    })

    test('holds back what only looks like an allowed path, and knows it as a proxy sends it', async () => {
      const odd = [
        '//healthz',
        '/healthz//',
        '/%68ealthz',
        '/healthz%2f..%2forders',
        '/healthz/../phone',
        '/HEALTHZ',
        '/phone?/healthz',
        '/phone;/healthz',
        `${app.url}/phone`,
        `${app.url}?/healthz`,
      ]
      const codes = await Promise.all(odd.map((target) => statusOfTarget(app.url, target)))
      expect(odd.filter((_, index) => codes[index] === 200)).toEqual([])
      expect(await statusOfTarget(app.url, '/healthz/?full=1#top')).not.toBe(503)
      expect(await statusOfTarget(app.url, `${app.url}/healthz`)).not.toBe(503)
    })

    test('opens with the first check after an apply elsewhere, without a restart, and then checks no more', async () => {
      expect(await statusOf('/')).toBe(503)
      await createTables(database)
      await record(database, '001_users')
      const before = queries
      while ((await statusOf('/')) !== 200) await sleep(50)
      expect(queries).toBeLessThanOrEqual(before + 1)
      const opened = queries
      expect(await (await get('/orders', { method: 'POST' })).text()).toBe('/orders')
      expect(await statusOf('/unknown')).toBe(404)
      expect(queries).toBe(opened)
    })

    test('checks once for 1,000 requests at once', async () => {
      const codes = await Promise.all(Array.from({ length: 1000 }, () => statusOf('/')))
      expect(new Set(codes)).toEqual(new Set([503]))
      expect(queries).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 500)
    })

    test('gates a route by its own ids alone', async () => {
      await createTables(database)
      await record(database, '001_users')
      await gate.whenOpen()
      expect([await statusOf('/'), await statusOf('/phone')]).toEqual([200, 503])
      await record(database, '002_phone')
      while ((await statusOf('/phone')) !== 200) await sleep(50)
    })

    test('answers probes outside the gate', async () => {
      expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 503])
      await createTables(database)
      await record(database, '001_users')
      await gate.whenOpen()
      const ready = await get('/readyz')
      expect([ready.status, await ready.json()]).toEqual([200, { status: 'current' }])
      expect(await statusOf('/readyz', { method: 'HEAD' })).toBe(200)
    })
  })
}

/** Sends the target of a request unchanged; `fetch` would normalise it. */
function statusOfTarget(url: string, target: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { path: target }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
