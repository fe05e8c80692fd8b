import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { createGate } from '@tidemark/gate'
import { withGate } from '@tidemark/hono'
import pg from 'pg'
import { createApp } from './app.js'

const { PORT = '3000', DATABASE_URL } = process.env
if (DATABASE_URL === undefined) {
  console.error('DATABASE_URL is not set, such as postgres://app@localhost:5432/notes')
  process.exit(2)
}

// A bundle imports it instead: import manifest from './schema.json' with { type: 'json' }
const manifest = JSON.parse(readFileSync(new URL('schema.json', import.meta.url), 'utf8'))
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 1 }) // as in a function: one connection
const gate = createGate({ database: pool, migrations: manifest, allow: ['/livez', '/readyz'] })
const app = createApp({ gate, pool })
const server = serve({ fetch: withGate(app.fetch, gate), port: Number(PORT) }, ({ port }) =>
  console.error(`listening on port ${port}`),
)

process.once('SIGTERM', () => {
  server.close(async () => {
    await gate.stop()
    await pool.end()
  })
})
