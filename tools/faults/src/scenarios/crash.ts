import { applyHere } from '../apply-here.ts'
import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { inLanes } from '../lanes.ts'
import { pause } from '../pause.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

/** What a run may end with when the server crashes under it. */
const EXPECTED_CODES = ['TM5001', 'TM5007']

/**
 * Crashes the server at random moments, with fsync on: what was said to be applied is there afterwards (I2,
 * durability).
 */
export const crashScenario: Scenario = {
  name: 'crash',
  about: 'the server crashes (pg_ctl stop -m immediate) at random moments, fsync on',
  count: 100,
  async run(context) {
    const tally = { crashes: 0, 'runs cut off': 0, 'steps told and kept': 0, databases: 0 }
    await inLanes(context, (lane) => crashAgainAndAgain(lane, tally))
    return tally
  },
}

/** A server of its own, since a crash ends every session. */
async function crashAgainAndAgain(
  lane: ScenarioContext,
  tally: Record<'crashes' | 'runs cut off' | 'steps told and kept' | 'databases', number>,
): Promise<void> {
  const arena = await openArena({
    settings: { fsync: 'on', full_page_writes: 'on', shared_buffers: '16MB' },
  })
  try {
    for (let crashes = 0; crashes < lane.count && !lane.isOver(); ) {
      const database = await arena.createDatabase()
      tally.databases += 1
      for (let isDone = false; !isDone; ) {
        const { told, error } = await runAndCrash(arena, database, lane)
        crashes += 1
        tally.crashes += 1
        tally['steps told and kept'] += told
        if (error !== undefined) tally['runs cut off'] += 1
        isDone = error === undefined
      }
      expectNothing(`after ${crashes} crashes`, await database.judge())
      await database.drop()
    }
  } finally {
    await arena.close()
  }
}

async function runAndCrash(
  { server, folder, undisturbedMs }: Arena,
  database: ArenaDatabase,
  { random }: ScenarioContext,
): Promise<{ readonly told: number; readonly error: Error | undefined }> {
  const commits = random.pick(['each', 'grouped'])
  const run = applyHere({ database: database.url, migrations: folder, commits })
  await Promise.race([run, pause(random.integer(5, Math.ceil(undisturbedMs)))])
  await server.stop('immediate')
  const { told, error } = await run
  await server.start()
  if (error !== undefined && !EXPECTED_CODES.includes(error.code)) {
    throw new FaultError(`${error.code} after a crash`, [error.message, String(error.stack)])
  }
  const lost = told.length === 0 ? [] : await database.listUntrue(told)
  expectNothing(`said applied with commits "${commits}", but was lost in the crash`, lost)
  return { told: told.length, error }
}
