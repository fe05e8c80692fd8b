import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { startChild } from '../child.ts'
import { pause } from '../pause.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

/** Sends SIGTERM, some of them twice or thrice: the run rolls back what is under way and ends with 143. */
export const terminateScenario: Scenario = {
  name: 'terminate',
  about: 'storms of SIGTERM: once, twice, thrice, at random moments',
  count: 100,
  async run(context) {
    const arena = await openArena()
    const tally = { signalled: 0, 'ended in order': 0, 'ended at once by a second signal': 0, databases: 0 }
    try {
      while (tally.signalled < context.count && !context.isOver()) {
        const database = await arena.createDatabase()
        tally.databases += 1
        for (let isDone = false; !isDone; ) {
          const outcome = await runAndTerminate(arena, database, context)
          isDone = outcome === 'done'
          if (outcome === 'done') continue
          tally.signalled += 1
          tally[outcome] += 1
        }
        expectNothing(`after ${tally.signalled} storms`, await database.judge())
        await database.drop()
      }
      return tally
    } finally {
      await arena.close()
    }
  },
}

async function runAndTerminate(
  arena: Arena,
  database: ArenaDatabase,
  { random, children }: ScenarioContext,
): Promise<'done' | 'ended in order' | 'ended at once by a second signal'> {
  const child = startChild(children.path('apply'), { url: database.url, folder: arena.folder })
  await child.connected
  await Promise.race([child.ended, pause(random.integer(0, Math.ceil(arena.undisturbedMs * 1.2)))])
  for (let signals = random.pick([1, 1, 2, 3]); signals > 0; signals -= 1) {
    child.kill('SIGTERM')
    await pause(random.integer(0, 30))
  }
  const { code, signal, errors } = await child.ended
  expectNothing('said applied, but is not', await database.listUntrue(child.told))
  if (code === 0) return 'done'
  if (code !== 143 || signal !== null) {
    throw new FaultError(`ended with ${code ?? signal}`, [child.failure?.message ?? '', errors])
  }
  if (child.failure === undefined) return 'ended at once by a second signal'
  if (child.failure.code === 'TM5008') return 'ended in order'
  throw new FaultError('an interrupt was told as something else', [child.failure.code, child.failure.message])
}
