import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject } from '../support/project.ts'

beforeAll(buildWhenStale)

const ASKS = "current_setting('server_version_num')"

/** Starts a relay to a server that then says it is PostgreSQL 13. */
async function startOlderServer(target: string) {
  const { hostname, port } = new URL(target)
  const relay = createServer((client) => {
    const server = connect(Number(port), hostname)
    client.on('data', (bytes) =>
      server.write(bytes.toString('latin1').replaceAll(ASKS, "'130023'".padEnd(ASKS.length)), 'latin1'),
    )
    server.pipe(client)
    for (const [one, other] of [[client, server] as const, [server, client] as const])
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  const url = new URL(target)
  url.host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return { url: url.href, close: () => relay.close() }
}

describe('a server that is older than PostgreSQL 14', () => {
  let database: TestDatabase
  let older: Awaited<ReturnType<typeof startOlderServer>>
  let project: Awaited<ReturnType<typeof createProject>>
  beforeAll(async () => {
    database = await createTestDatabase()
    older = await startOlderServer(database.url)
    project = await createProject({
      'migrations/001_users.sql': '-- @up\nCREATE TABLE users (id int);\n',
      'tidemark.config.json': JSON.stringify({ database: older.url, trackDrift: true }),
    })
  })
  afterAll(async () => {
    await project.remove()
    older.close()
    await database.drop()
  })

  test('is migrated with trackDrift as without it: nothing is recorded of its schema', async () => {
    const { code, stderr } = await project.run(['up'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect((await project.run(['status', '--drift'])).stderr).toContain(
      'TM4013: no run has recorded the schema',
    )
  })

  test.each([
    ['drift', ['drift']],
    ['baseline --from-database', ['baseline', '--from-database', '--dir', 'other']],
  ])('is one diagnostic of %s, and nothing is said to be right', async (_, args) => {
    const { code, stdout, stderr } = await project.run(args)
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toContain('error TM5060: the schema of PostgreSQL 13')
    expect(stderr.match(/TM\d{4}:/g)).toHaveLength(1)
  })
})
