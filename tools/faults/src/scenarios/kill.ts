import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { inLanes } from '../lanes.ts'
import { pause } from '../pause.ts'
import { expectNothing, type Scenario, type ScenarioContext } from '../scenario.ts'
import { startApply } from '../start-apply.ts'

/** Ends the runner's process with `kill -9` at random moments, until a run gets through (I1, I2, I3). */
export const killScenario: Scenario = {
  name: 'kill',
  about: 'kill -9 of the process at random moments',
  count: 500,
  async run(context) {
    const arena = await openArena()
    const tally = { kills: 0, 'of the command line': 0, runs: 0, databases: 0 }
    try {
      await inLanes(context, async (lane) => {
        for (let kills = 0; kills < lane.count && !lane.isOver(); ) {
          const database = await arena.createDatabase()
          tally.databases += 1
          for (let isDone = false; !isDone; tally.runs += 1) {
            const outcome = await runAndKill(arena, database, lane)
            isDone = outcome === 'got through'
            if (isDone) continue
            kills += 1
            tally.kills += 1
            if (outcome === 'command line') tally['of the command line'] += 1
          }
          expectNothing(`after ${kills} kills`, await database.judge())
          await database.drop()
        }
      })
      return tally
    } finally {
      await arena.close()
    }
  },
}

/** @returns whom it killed. */
async function runAndKill(
  arena: Arena,
  database: ArenaDatabase,
  lane: ScenarioContext,
): Promise<'library' | 'command line' | 'got through'> {
  const { random } = lane
  const applier = random.pick(['library', 'command line'])
  const child = startApply(applier, { database, folder: arena.folder }, lane)
  await child.connected
  // A short part of the span, now and then: then a database sees several kills.
  const span = arena.undisturbedMs * random.pick([0.2, 0.5, 1.2])
  await Promise.race([child.ended, pause(random.integer(0, Math.ceil(span)))])
  child.kill('SIGKILL')
  const { code, signal, errors } = await child.ended
  expectNothing(`${applier}: said applied, but is not`, await database.listUntrue(child.told))
  if (signal === 'SIGKILL') return applier
  expectNothing(
    `${applier}: an undisturbed run failed`,
    code === 0 ? [] : [child.failure?.message ?? '', errors],
  )
  return 'got through'
}
