import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { startChild } from '../child.ts'
import { pause } from '../pause.ts'
import { expectNothing, type Scenario, type ScenarioContext } from '../scenario.ts'

/** Ends the runner's process with `kill -9` at random moments, until a run gets through (I1, I2, I3). */
export const killScenario: Scenario = {
  name: 'kill',
  about: 'kill -9 of the process at random moments',
  count: 500,
  async run(context) {
    const arena = await openArena()
    const tally = { kills: 0, runs: 0, databases: 0 }
    try {
      while (tally.kills < context.count && !context.isOver()) {
        const database = await arena.createDatabase()
        tally.databases += 1
        for (let isDone = false; !isDone; tally.runs += 1) {
          const hit = await runAndKill(arena, database, context)
          if (hit) tally.kills += 1
          else isDone = true
        }
        expectNothing(`after ${tally.kills} kills`, await database.judge())
        await database.drop()
      }
      return tally
    } finally {
      await arena.close()
    }
  },
}

/** @returns false when the run got through. */
async function runAndKill(
  arena: Arena,
  database: ArenaDatabase,
  { random, children }: ScenarioContext,
): Promise<boolean> {
  const commits = random.chance(0.3) ? 'grouped' : 'each'
  const child = startChild(children.path('apply'), { url: database.url, folder: arena.folder, commits })
  await child.connected
  await Promise.race([child.ended, pause(random.integer(0, Math.ceil(arena.undisturbedMs * 1.2)))])
  child.kill('SIGKILL')
  const { code, signal, errors } = await child.ended
  expectNothing('said applied, but is not', await database.listUntrue(child.told))
  if (signal === 'SIGKILL') return true
  expectNothing('an undisturbed run failed', code === 0 ? [] : [child.failure?.message ?? errors])
  return false
}
