import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { inLanes } from '../lanes.ts'
import { pause } from '../pause.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'
import { startApply } from '../start-apply.ts'

type Outcome = 'ended in order' | 'ended at once'

/** Sends SIGTERM, some of them twice or thrice: the run rolls back what is under way and ends with 143. */
export const terminateScenario: Scenario = {
  name: 'terminate',
  about: 'storms of SIGTERM: once, twice, thrice, at random moments',
  count: 100,
  async run(context) {
    const arena = await openArena()
    const tally = {
      storms: 0,
      'of the command line': 0,
      'ended in order': 0,
      'ended at once': 0,
      databases: 0,
    }
    try {
      await inLanes(context, async (lane) => {
        for (let storms = 0; storms < lane.count && !lane.isOver(); ) {
          const database = await arena.createDatabase()
          tally.databases += 1
          for (let isDone = false; !isDone; ) {
            const { applier, outcome } = await runAndTerminate(arena, database, lane)
            isDone = outcome === 'done'
            if (outcome === 'done') continue
            storms += 1
            tally.storms += 1
            tally[outcome] += 1
            if (applier === 'command line') tally['of the command line'] += 1
          }
          expectNothing(`after ${storms} storms`, await database.judge())
          await database.drop()
        }
      })
      return tally
    } finally {
      await arena.close()
    }
  },
}

async function runAndTerminate(arena: Arena, database: ArenaDatabase, lane: ScenarioContext) {
  const { random } = lane
  const applier = random.pick(['library', 'command line'])
  const child = startApply(applier, { database, folder: arena.folder }, lane)
  await child.connected
  await Promise.race([child.ended, pause(random.integer(0, Math.ceil(arena.undisturbedMs * 1.2)))])
  const signals = random.pick([1, 1, 2, 3])
  for (let left = signals; left > 0; left -= 1) {
    child.kill('SIGTERM')
    await pause(random.integer(0, 30))
  }
  const { code, signal, errors } = await child.ended
  expectNothing(`${applier}: said applied, but is not`, await database.listUntrue(child.told))
  // A signal that comes behind the last commit has nothing to end: the exit code shows it, or it ends what is
  // ending.
  if (code === 0 || child.isDone) return { applier, outcome: 'done' } as const
  const isLate = signal === 'SIGTERM' && child.failure?.code === 'TM5008' && signals > 1
  if (code !== 143 && !isLate) {
    throw new FaultError(`${applier}: ended with ${code ?? signal}`, [child.failure?.message ?? '', errors])
  }
  return { applier, outcome: readOutcome(child.failure, signals, `${applier} ${errors}`) }
}

/** One signal ends a run in order, and it says so; only a second one may cut its words off. */
function readOutcome(
  failure: { readonly code: string; readonly message: string } | undefined,
  signals: number,
  about: string,
): Outcome {
  if (failure?.code === 'TM5008') return 'ended in order'
  if (failure === undefined && signals > 1) return 'ended at once'
  throw new FaultError('an interrupt was told as something else', [
    failure?.code ?? 'nothing',
    failure?.message ?? '',
    about,
  ])
}
