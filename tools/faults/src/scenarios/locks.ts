import pg from 'pg'
import { applyHere } from '../apply-here.ts'
import { type ArenaDatabase, openArena } from '../arena.ts'
import { pause } from '../pause.ts'
import type { Random } from '../random.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

const STORMERS = 6

/** What a run may end with when it does not get its locks, or is the victim of a deadlock. */
const LOCK_STATES = ['55P03', '40P01', '40001']

/** Lets other clients take strong locks on the tables in any order while runs go on (I8). */
export const locksScenario: Scenario = {
  name: 'locks',
  about: 'six clients take strong locks in any order, deadlocks included, while runs go on',
  count: 10,
  async run(context) {
    const arena = await openArena({ settings: { deadlock_timeout: '50ms' } })
    const tally = { rounds: 0, runs: 0, 'locks taken by others': 0 }
    try {
      for (; tally.rounds < context.count && !context.isOver(); tally.rounds += 1) {
        const database = await arena.createDatabase()
        const storm = startStorm(database, context.random.fork(tally.rounds))
        try {
          tally.runs += await runUntilDone(database, arena.folder, context)
        } finally {
          tally['locks taken by others'] += await storm.end()
        }
        expectNothing('after a storm', await database.judge())
        await database.drop()
      }
      return tally
    } finally {
      await arena.close()
    }
  },
}

async function runUntilDone(
  database: ArenaDatabase,
  folder: string,
  { isOver }: ScenarioContext,
): Promise<number> {
  for (let runs = 1; ; runs += 1) {
    const { told, error } = await applyHere({
      database: database.url,
      migrations: folder,
      lockTimeout: '100ms',
      lockRetries: 3,
    })
    expectNothing('said applied, but is not', await database.listUntrue(told))
    if (error === undefined) return runs
    const { sqlState } = error.details
    if (!LOCK_STATES.includes(String(sqlState)) || isOver()) {
      throw new FaultError(`${error.code} in a storm of locks`, [
        error.message,
        JSON.stringify(error.details),
      ])
    }
  }
}

/** Other clients at work; `end` stops them and tells how many locks they took. */
function startStorm({ url }: ArenaDatabase, random: Random): { readonly end: () => Promise<number> } {
  const state = { isOver: false, taken: 0 }
  const stormers = Array.from({ length: STORMERS }, (_, at) => storm(url, random.fork(at), state))
  return {
    async end() {
      state.isOver = true
      await Promise.all(stormers)
      return state.taken
    },
  }
}

async function storm(url: string, random: Random, state: { isOver: boolean; taken: number }): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  await client.query("SET lock_timeout = '300ms'")
  while (!state.isOver) {
    const { rows } = await client.query<{ name: string }>(TABLES)
    await client.query('BEGIN')
    for (let locks = random.integer(1, 2); locks > 0 && rows.length > 0; locks -= 1) {
      const name = rows[random.integer(0, rows.length - 1)]?.name
      const mode = random.pick(['ACCESS EXCLUSIVE', 'SHARE', 'ROW EXCLUSIVE', 'ACCESS SHARE'])
      const isTaken = await client.query(`LOCK TABLE ${name} IN ${mode} MODE`).then(
        () => true,
        () => false,
      )
      if (!isTaken) break
      state.taken += 1
      await pause(random.integer(0, 40))
    }
    await client.query('ROLLBACK')
    await pause(random.integer(0, 60))
  }
  await client.end()
}

const TABLES = `
  SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
  WHERE schemaname = 'shop' OR tablename IN ('effect', 'schema_migrations')`
