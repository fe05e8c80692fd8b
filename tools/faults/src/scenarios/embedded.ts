import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEmbeddedDatabase } from '@tidemark/embedded'
import { writeMigrations } from '../arena.ts'
import { startChild } from '../child.ts'
import { inLanes } from '../lanes.ts'
import { pause } from '../pause.ts'
import { expectNothing, FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'
import { compareSnapshots, readTracking, type Snapshot } from '../snapshot.ts'

/** Kills the process that holds an embedded database while it writes. */
export const embeddedScenario: Scenario = {
  name: 'embedded',
  about: 'kill -9 of the process that holds an embedded database, while it writes',
  count: 40,
  async run(context) {
    const folder = await writeMigrations()
    const scratch = await mkdtemp(join(tmpdir(), 'tidemark-embedded-'))
    const tally = { kills: 0, databases: 0 }
    try {
      const { children } = context
      const undisturbed = join(scratch, 'undisturbed')
      const spanMs = await measure(children.path('apply-embedded'), undisturbed, folder)
      const reference = await takeEmbeddedSnapshot(undisturbed)
      await inLanes(context, async (lane) => {
        for (let kills = 0; kills < lane.count && !lane.isOver(); ) {
          tally.databases += 1
          const directory = join(scratch, `db${tally.databases}`)
          for (; await runAndKill({ directory, folder, spanMs }, lane); tally.kills += 1) kills += 1
          const findings = compareSnapshots(reference, await takeEmbeddedSnapshot(directory))
          expectNothing(`after ${kills} kills`, findings)
          await rm(directory, { recursive: true, force: true })
        }
      })
      return tally
    } finally {
      await rm(folder, { recursive: true, force: true })
      await rm(scratch, { recursive: true, force: true })
    }
  },
}

/** @returns how long an undisturbed run takes once it is connected. */
async function measure(script: string, directory: string, folder: string): Promise<number> {
  const child = startChild(script, { url: `pglite:${directory}`, folder })
  await child.connected
  const startedAt = performance.now()
  const { code, errors } = await child.ended
  if (code !== 0) throw new FaultError('the undisturbed run failed', [child.failure?.message ?? '', errors])
  return performance.now() - startedAt
}

/** @returns false when the run got through. */
async function runAndKill(
  { directory, folder, spanMs }: { directory: string; folder: string; spanMs: number },
  { random, children, isOver }: ScenarioContext,
): Promise<boolean> {
  const child = startChild(children.path('apply-embedded'), { url: `pglite:${directory}`, folder })
  if (!random.chance(0.2)) await child.connected
  // A start takes seconds: when the time is over, the run is let through.
  const isSpared = isOver()
  await Promise.race([child.ended, pause(random.integer(0, Math.ceil(spanMs * 1.2)))])
  if (!isSpared) child.kill('SIGKILL')
  const { code, signal, errors } = await child.ended
  if (child.told.length > 0) await expectTold(directory, child.told)
  if (signal === 'SIGKILL') return true
  if (code === 0) return false
  throw new FaultError('an undisturbed run failed', [child.failure?.message ?? '', errors])
}

async function expectTold(directory: string, told: readonly string[]): Promise<void> {
  const { rows } = await takeEmbeddedSnapshot(directory)
  const completed = rows.flatMap((line) => /^(\S+) completed/.exec(line)?.[1] ?? [])
  expectNothing(
    'said applied, but is not',
    told.filter((id) => !completed.includes(id)),
  )
}

/** The catalog by PostgreSQL's own words, as far as the migrations touch it; and every row. */
async function takeEmbeddedSnapshot(directory: string): Promise<Snapshot> {
  const database = createEmbeddedDatabase({ database: `pglite:${directory}` })
  const connection = await database.connect('faults')
  const lines = async (query: string) => {
    const { rows } = await connection.query<{ line: string }>(query)
    return rows.map(({ line }) => line)
  }
  try {
    const tables = await lines(TABLES)
    const data: string[] = []
    for (const table of tables)
      data.push(...(await lines(`SELECT '${table} ' || t::text AS line FROM ${table} t`)))
    return { catalog: await lines(CATALOG), data: data.sort(), ...(await readTracking(lines)) }
  } finally {
    await connection.close()
  }
}

const TABLES = `
  SELECT format('%I.%I', schemaname, tablename) AS line FROM pg_tables
  WHERE schemaname = 'shop' OR tablename = 'effect' ORDER BY 1`

const CATALOG = `
  SELECT format('%s %s of %s: %s', relkind, oid::regclass, pg_get_userbyid(relowner),
    CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) WHEN 'i' THEN pg_get_indexdef(oid) END) AS line
  FROM pg_class WHERE relnamespace = 'shop'::regnamespace
  UNION ALL SELECT format('index %s valid %s', indexrelid::regclass, indisvalid) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE relkind = 'r'
  UNION ALL SELECT format('%s.%s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod))
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = 'shop'::regnamespace
  ORDER BY 1`
