import { startServer } from '@tidemark/test-servers'
import { raceAgainstPeers } from './engine-peers.ts'
import { createMigrations, insertAndAlter, tableCreating } from './migration-sets.ts'
import { measureAgainstPsql } from './psql-race.ts'
import { measureSlowLink } from './slow-link.ts'

const COUNT = 1000
/** Of the race against other tools; 0 leaves it out. */
const PEER_ROUNDS = Number(process.argv[2] ?? 3)

for (const storage of ['memory', 'disk'] as const) {
  const settings = storage === 'disk' ? { fsync: 'on', full_page_writes: 'on' } : {}
  const server = await startServer({ storage, settings })
  try {
    console.log(`Server data ${storage === 'memory' ? 'in memory' : 'on disk, with fsync'}`)
    const rows = []
    for (const set of [tableCreating, insertAndAlter]) {
      rows.push(...(await measureAgainstPsql(server, set.name, createMigrations(COUNT, set.write))))
    }
    console.table(rows)
    if (storage === 'memory') {
      console.log('100 migrations over a link of 20 ms round trip: target 1,500 ms')
      console.table(await measureSlowLink(server))
      if (PEER_ROUNDS > 0) {
        for (const set of [tableCreating, insertAndAlter]) {
          const { rows: race, skipped } = await raceAgainstPeers(server, set, PEER_ROUNDS)
          console.log(`Whole processes, ${COUNT} migrations, ${PEER_ROUNDS} rounds in turns, milliseconds`)
          console.table(race)
          for (const { name, reason } of skipped) console.log(`${name} skipped: ${reason}`)
        }
      }
    }
  } finally {
    await server.remove()
  }
}
