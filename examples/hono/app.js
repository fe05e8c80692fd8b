import { livez, readyz, schemaGate } from '@tidemark/hono'
import { Hono } from 'hono'

/**
 * Makes the application. It knows no file and no driver: what it needs is handed in, so that it runs wherever
 * `fetch` handlers do.
 *
 * @param {{ gate: import('@tidemark/gate').Gate, pool: import('pg').Pool }} options
 */
export function createApp({ gate, pool }) {
  const app = new Hono()
  app.get('/livez', livez(gate))
  app.get('/readyz', readyz(gate))
  app.get('/notes', async (context) => context.json((await pool.query('SELECT text FROM notes')).rows))
  app.get('/words', schemaGate(gate, { requires: ['002_count_words'] }), async (context) =>
    context.json((await pool.query('SELECT text, words FROM notes')).rows),
  )
  return app
}
