import { describeAutocommit } from '../../pg-driver/test/support/autocommit-suite.ts'
import { overEmbeddedEngine } from '../src/embedded-database.ts'
import { openEmbeddedEngine } from '../src/index.ts'

describeAutocommit({
  name: 'an embedded database',
  create: async () => {
    const location = { kind: 'memory' } as const
    const engine = await openEmbeddedEngine({ location })
    return {
      open: (settings) => overEmbeddedEngine(location, { open: async () => engine }, settings),
      query: async (text) => {
        const connection = await engine.connect({ applicationName: 'test' })
        try {
          const { rows } = await connection.query(text)
          return rows as never
        } finally {
          await connection.close()
        }
      },
      drop: () => engine.close(),
    }
  },
})
