import { describeCatalog } from '../../pg-driver/test/support/catalog-suite.ts'
import { openEmbeddedEngine } from '../src/index.ts'

describeCatalog('an embedded database', async () => {
  const engine = await openEmbeddedEngine({ location: { kind: 'memory' } })
  const connection = await engine.connect({ applicationName: 'test' })
  return {
    major: 18,
    subscriptions: 'has none',
    query: (text) => connection.query(text),
    execute: (sql) =>
      new Promise((resolve, reject) => {
        connection.send(sql, (error) => (error === null ? resolve() : reject(error)))
      }),
    close: async () => {
      await connection.close()
      await engine.close()
    },
  }
})
