import type { Connection } from '@tidemark/pg-driver/engine'
import { describeTracking } from '../../pg-driver/test/support/tracking-suite.ts'
import { type EmbeddedEngine, openEmbeddedEngine } from '../src/index.ts'

let engine: EmbeddedEngine
let connection: Connection

describeTracking({
  name: 'an embedded database',
  connect: async () => {
    engine = await openEmbeddedEngine({ location: { kind: 'memory' } })
    connection = await engine.connect({ applicationName: 'tracking' })
    return connection
  },
  close: async () => {
    await connection.close()
    await engine.close()
  },
})
