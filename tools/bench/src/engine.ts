import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, type TestServer } from '@tidemark/test-servers'
import { type Race, raceAgainstPeers } from './engine-peers.ts'
import { createMigrations, insertAndAlter, tableCreating } from './migration-sets.ts'
import { measureAgainstPsql, type RaceRow } from './psql-race.ts'
import { report } from './results.ts'
import { openSlowLink } from './slow-link.ts'

/** `pnpm bench engine [rounds against other tools; 0 leaves them out]` */
const PEER_ROUNDS = Number(process.argv[2] ?? 3)
const COUNT = 1000
const SETS = [
  { set: tableCreating, target: 0.9 },
  { set: insertAndAlter, target: 0.8 },
]

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-engine-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

for (const storage of ['memory', 'disk'] as const) {
  const settings = storage === 'disk' ? { fsync: 'on', full_page_writes: 'on' } : {}
  const server = await startServer({ storage, settings })
  const place = storage === 'disk' ? 'data on disk, with fsync' : 'data in memory'
  try {
    await raceLibrary(server, place, storage === 'memory')
    if (PEER_ROUNDS === 0) continue
    for (const { set } of SETS) {
      const race = { server, folder, set, count: COUNT, rounds: PEER_ROUNDS }
      await racePeers(race, `1,000 × ${set.name}, ${place}, whole process`)
    }
    if (storage === 'memory') await raceOverSlowLink(server)
  } finally {
    await server.remove()
  }
}

/** In this process, so that it is the engine and not the start of a program that is compared with psql. */
async function raceLibrary(server: TestServer, place: string, isTargeted: boolean): Promise<void> {
  for (const { set, target } of SETS) {
    const rows = await measureAgainstPsql(server, set.name, createMigrations(COUNT, set.write))
    console.log(`${COUNT} migrations, ${place}, Tidemark as a library`)
    console.table(rows)
    for (const { tool, ms, 'x psql': ratio } of rows) {
      report({
        work: `1,000 × ${set.name}, ${place}, as a library`,
        tool,
        measured: `${ms} ms`,
        ratio: `${ratio} × psql`,
        ...(isTargeted && tool === 'tidemark' ? aim(`≤ ${target} × psql`, { ms, ratio }, target) : {}),
      })
    }
  }
}

function aim(words: string, { ratio }: { ms: number; ratio: RaceRow['x psql'] }, limit: number) {
  return { target: words, met: typeof ratio === 'number' && ratio <= limit }
}

async function raceOverSlowLink(server: TestServer): Promise<void> {
  const link = await openSlowLink(server.port, 20)
  try {
    const race = { server, folder, port: link.port, set: insertAndAlter, count: 100, rounds: PEER_ROUNDS }
    await racePeers(race, '100 light migrations over a round trip of 20 ms, whole process', 1500)
  } finally {
    link.close()
  }
}

async function racePeers(race: Race, work: string, targetMs?: number): Promise<void> {
  const { rows, skipped } = await raceAgainstPeers(race)
  console.log(`${work}: ${race.rounds} rounds in turns, milliseconds`)
  console.table(rows)
  for (const { name, reason } of skipped) console.log(`${name} skipped: ${reason}`)
  for (const { tool, best, 'x psql': ratio } of rows) {
    const isAimed = targetMs !== undefined && tool === 'tidemark up'
    report({
      work,
      tool,
      measured: `${best} ms`,
      ratio: `${ratio} × psql`,
      ...(isAimed ? { target: `≤ ${targetMs} ms`, met: best <= targetMs } : {}),
    })
  }
}
