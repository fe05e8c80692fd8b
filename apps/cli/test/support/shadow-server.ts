import { createTestDatabase, sharedServerUrl } from '@tidemark/test-servers'
import { onTestFinished } from 'vitest'

/** The shared server as one for shadows. */
export interface ShadowServer {
  /** Of a role of the test's own, which goes with its databases when the test is over. */
  readonly url: string
  /** With one session for each process a server tells its version, and no shadow can be opened. */
  limitSessions(limit: 1 | -1): Promise<void>
}

/** Makes a role that may create databases, and nothing more. */
export async function openShadowServer(): Promise<ShadowServer> {
  const admin = await createTestDatabase()
  const role = `shadow_${admin.name}`
  await admin.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret'`)
  onTestFinished(async () => {
    const left = await admin.query<{ name: string }>(
      `SELECT datname::text AS name FROM pg_database WHERE datdba = '${role}'::regrole`,
    )
    for (const { name } of left) await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
    await admin.query(`DROP ROLE ${role}`)
    await admin.drop()
  })
  const address = new URL(sharedServerUrl())
  address.username = role
  address.password = 'secret'
  return {
    url: address.href,
    async limitSessions(limit) {
      await admin.query(`ALTER ROLE ${role} CONNECTION LIMIT ${limit}`)
    },
  }
}
