import { afterAll } from 'vitest'
import { describeBatches } from '../../pg-driver/test/support/batches-suite.ts'
import type { SuiteEngine } from '../../pg-driver/test/support/engine-harness.ts'
import { describeEngine } from '../../pg-driver/test/support/engine-suite.ts'
import { describeGoingBack } from '../../pg-driver/test/support/going-back-suite.ts'
import { describeOperations } from '../../pg-driver/test/support/operations-suite.ts'
import { describeReruns } from '../../pg-driver/test/support/reruns-suite.ts'
import { describeTenants } from '../../pg-driver/test/support/tenants-suite.ts'
import { overEmbeddedEngine } from '../src/embedded-database.ts'
import { openEmbeddedEngine } from '../src/index.ts'

const location = { kind: 'memory' } as const
const opened = openEmbeddedEngine({ location })

async function query(text: string): Promise<readonly object[]> {
  const connection = await (await opened).connect({ applicationName: 'test' })
  try {
    return (await connection.query(text)).rows
  } finally {
    await connection.close()
  }
}

/** Starting a database takes longer than emptying one. */
const EMPTY = `DO $$
  DECLARE thing record;
  BEGIN
    FOR thing IN SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
      EXECUTE format('DROP SCHEMA %I CASCADE', thing.name);
    END LOOP;
    CREATE SCHEMA public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    FOR thing IN SELECT rolname AS name FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres' LOOP
      EXECUTE format('DROP OWNED BY %I', thing.name);
      EXECUTE format('DROP ROLE %I', thing.name);
    END LOOP;
  END $$`

const engine: SuiteEngine = {
  name: 'an embedded database',
  create: async () => ({
    open: (settings) => overEmbeddedEngine(location, { open: () => opened }, settings),
    query: async (text) => (await query(text)) as never,
    drop: async () => {
      await query(EMPTY)
    },
  }),
}
describeEngine(engine)
describeBatches(engine)
describeGoingBack(engine)
describeOperations(engine)
describeReruns(engine)
describeTenants(engine, 'refused')

afterAll(async () => {
  await (await opened).close()
})
