import { createServer } from 'node:http'
import { createGate } from '@tidemark/gate'
import pg from 'pg'

const { PORT = '3000', DATABASE_URL } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL })
const gate = createGate({ database: pool, migrations: 'migrations' })

const server = createServer(async (request, response) => {
  if (request.url === '/readyz') return send(response, await gate.readyz())
  const refused = gate.isOpen() ? undefined : await gate.refuse(describe(request))
  if (refused !== undefined) return send(response, refused)
  const { rows } = await pool.query('SELECT count(*)::int AS notes FROM notes')
  response.setHeader('content-type', 'application/json').end(JSON.stringify(rows[0]))
})
server.listen(Number(PORT), () => console.log('listening on port', server.address().port))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(async () => {
      await gate.stop()
      await pool.end()
    })
    server.closeIdleConnections()
  })
}

function describe({ method, url, headers }) {
  return { method, path: url, header: (name) => headers[name] }
}

function send(response, { status, headers, body }) {
  response.writeHead(status, headers).end(body)
}
