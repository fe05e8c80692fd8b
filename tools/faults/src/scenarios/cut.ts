import { applyHere } from '../apply-here.ts'
import { type Arena, type ArenaDatabase, openArena } from '../arena.ts'
import { inLanes } from '../lanes.ts'
import type { Random } from '../random.ts'
import { type Cut, type Relay, startRelay } from '../relay.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

/** What a run may end with when its connection is gone. */
const EXPECTED_CODES = ['TM5001', 'TM5007']

/**
 * Cuts the connection at random bytes, in both directions, and around COMMIT (I2: the record tells what
 * happened).
 */
export const cutScenario: Scenario = {
  name: 'cut',
  about: 'the connection is cut at random bytes in both directions, and around COMMIT',
  count: 300,
  async run(context) {
    const arena = await openArena()
    const tally = { cuts: 0, 'of the client': 0, 'of the server': 0, 'around COMMIT': 0, databases: 0 }
    try {
      await inLanes(context, (lane) => cutAgainAndAgain(arena, lane, tally))
      return tally
    } finally {
      await arena.close()
    }
  },
}

const COUNTED_AS = { request: 'of the client', answer: 'of the server', commit: 'around COMMIT' } as const

async function cutAgainAndAgain(
  arena: Arena,
  lane: ScenarioContext,
  tally: Record<(typeof COUNTED_AS)[Cut['kind']] | 'cuts' | 'databases', number>,
): Promise<void> {
  const relay = await startRelay(arena.server.port)
  try {
    const whole = await measure(arena, relay)
    for (let cuts = 0; cuts < lane.count && !lane.isOver(); ) {
      const database = await arena.createDatabase()
      tally.databases += 1
      for (let isDone = false; !isDone; ) {
        const cut = chooseCut(lane.random, whole)
        const outcome = await runAndCut({ arena, database, relay, cut }, lane)
        isDone = outcome.isDone
        if (!outcome.hasCut) continue
        cuts += 1
        tally.cuts += 1
        tally[COUNTED_AS[cut.kind]] += 1
      }
      expectNothing(`after ${cuts} cuts`, await database.judge())
      await database.drop()
    }
  } finally {
    await relay.close()
  }
}

/** What passes in an undisturbed run: the range from which the places of cuts are drawn. */
async function measure(arena: Arena, relay: Relay): Promise<Relay['passed']> {
  const { url, drop } = await arena.createDatabase()
  await applyHere({ database: relay.url(url), migrations: arena.folder })
  await drop()
  return { ...relay.passed }
}

function chooseCut(random: Random, whole: Relay['passed']): Cut {
  const kind = random.pick(['request', 'answer', 'commit'])
  if (kind === 'commit') {
    return { kind, nth: random.integer(1, whole.commits), side: random.pick(['before', 'after']) }
  }
  return { kind, bytes: random.integer(0, whole[kind]) }
}

async function runAndCut(
  run: { readonly arena: Arena; readonly database: ArenaDatabase; readonly relay: Relay; readonly cut: Cut },
  { random }: ScenarioContext,
): Promise<{ readonly hasCut: boolean; readonly isDone: boolean }> {
  const { arena, database, relay, cut } = run
  relay.arm(cut, random.chance(0.2) ? 'shut' : 'open')
  const { told, error } = await applyHere({
    database: relay.url(database.url),
    migrations: arena.folder,
    commits: random.pick(['each', 'grouped']),
  })
  const { hasCut } = relay
  relay.disarm()
  expectNothing(`said applied, but is not, after ${JSON.stringify(cut)}`, await database.listUntrue(told))
  if (error === undefined) return { hasCut, isDone: true }
  if (!hasCut || !EXPECTED_CODES.includes(error.code)) {
    throw new FaultError(`${error.code} after ${JSON.stringify(cut)}`, [error.message, String(error.stack)])
  }
  return { hasCut, isDone: false }
}
