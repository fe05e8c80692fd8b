import type { Migration } from '@tidemark/core'
import { createTestDatabase, startServer, type TestServer } from '@tidemark/test-servers'
import { afterAll, beforeAll, expect } from 'vitest'
import { openShadow, type ShadowOptions, takeSnapshot } from '../../src/index.ts'

/** Settings under which a session reads and writes values in another way. */
const SETTINGS = {
  timezone: 'America/New_York',
  datestyle: 'German, DMY',
  intervalstyle: 'iso_8601',
  bytea_output: 'escape',
  search_path: 'elsewhere, public',
  default_toast_compression: 'pglz',
  xmloption: 'document',
}

/** A server of PGlite's major version that is set up in another way, for a role of another name. */
export function useOtherServer(): { expectSameBytes(migrations: readonly Migration[]): Promise<void> } {
  let server: TestServer
  let url: string
  beforeAll(async () => {
    server = await startServer({ settings: SETTINGS })
    const admin = await createTestDatabase({ server })
    await admin.query(`CREATE ROLE "Ada Lovelace" LOGIN CREATEDB PASSWORD 'secret';
      ALTER ROLE "Ada Lovelace" SET timezone = 'Asia/Kathmandu'`)
    const address = new URL(server.url())
    address.username = 'Ada Lovelace'
    address.password = 'secret'
    url = address.href
  })
  afterAll(() => server.remove())
  return {
    async expectSameBytes(migrations) {
      const [embedded, other] = [
        await snapshot({ migrations }),
        await snapshot({ migrations, server: { url } }),
      ]
      expect(other).toBe(embedded)
    },
  }
}

async function snapshot(options: ShadowOptions): Promise<string> {
  const shadow = await openShadow(options)
  try {
    expect(shadow.notChecked).toEqual([])
    return await takeSnapshot(shadow)
  } finally {
    await shadow.close()
  }
}
