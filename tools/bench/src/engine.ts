import { startServer } from '@tidemark/test-servers'
import { createMigrations, insertAndAlter, tableCreating } from './migration-sets.ts'
import { measureAgainstPsql } from './psql-race.ts'
import { measureSlowLink } from './slow-link.ts'

const COUNT = 1000

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
    }
  } finally {
    await server.remove()
  }
}
