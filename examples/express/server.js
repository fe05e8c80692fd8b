import { fileURLToPath } from 'node:url'
import { readyz, schemaGate } from '@tidemark/express'
import { createGate } from '@tidemark/gate/pg'
import express from 'express'
import pg from 'pg'

const { PORT = '3000', DATABASE_URL } = process.env
if (DATABASE_URL === undefined) {
  console.error('DATABASE_URL is not set, such as postgres://app@localhost:5432/shop')
  process.exit(2)
}

const pool = new pg.Pool({ connectionString: DATABASE_URL })
const gate = createGate({
  database: pool,
  directUrl: DATABASE_URL, // for LISTEN: the gate opens when the run ends, not at the next poll
  migrations: fileURLToPath(new URL('../../migrations', import.meta.url)),
  allow: ['/healthz'],
  onEvent: (event) => console.error(`gate: ${event.kind}`, describe(event.status)),
})

const app = express()
app.get('/readyz', readyz(gate)) // readiness: 503 until the schema is current
app.use(schemaGate(gate)) // everything below waits for the schema, but for `allow`
app.get('/healthz', (_request, response) => {
  response.json({ status: 'alive' }) // liveness: a restart would not migrate anything
})
app.get('/', async (_request, response) => {
  const { rows } = await pool.query('SELECT count(*)::int AS profiles FROM user_profiles')
  response.json(rows[0])
})

const server = app.listen(Number(PORT), () => {
  const address = server.address()
  console.error(`listening on port ${typeof address === 'object' ? address?.port : address}`)
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(async () => {
      await gate.stop()
      await pool.end()
    })
    server.closeIdleConnections()
  })
}

/** @param {import('@tidemark/gate').GateStatus} status */
function describe(status) {
  return status.kind === 'unknown'
    ? (status.error?.message ?? '')
    : `${status.kind}, ${status.pending.length} pending`
}
