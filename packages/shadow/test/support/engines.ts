import type { Migration } from '@tidemark/core'
import { createTestDatabase, sharedServerUrl, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll } from 'vitest'
import { openShadow, type Shadow } from '../../src/index.ts'

/** An engine that tests run on. */
export interface TestEngine {
  readonly name: string
  open(migrations?: readonly Migration[], signal?: AbortSignal): Promise<Shadow>
}

/** PGlite, in this process. Each database takes a second to start: few tests. */
export const pglite: TestEngine = {
  name: 'PGlite',
  open: (migrations = [], signal) => openShadow({ migrations, signal }),
}

/** The shared server through a role of the file's own, which goes with its databases when the file is done. */
export function useServer(): TestEngine {
  let admin: TestDatabase
  let role: string
  let url: string
  beforeAll(async () => {
    admin = await createTestDatabase()
    role = `shadow_${admin.name}`
    await admin.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret'`)
    const address = new URL(sharedServerUrl())
    address.username = role
    address.password = 'secret'
    url = address.href
  })
  afterAll(async () => {
    const left = await admin.query<{ name: string }>(
      `SELECT datname::text AS name FROM pg_database WHERE datdba = '${role}'::regrole`,
    )
    for (const { name } of left) await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
    await admin.query(`DROP ROLE ${role}`)
    await admin.drop()
  })
  return {
    name: 'a server',
    open: (migrations = [], signal) => openShadow({ migrations, signal, server: { url } }),
  }
}
