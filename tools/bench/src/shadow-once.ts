import { createDirectoryReader } from '@tidemark/core/node'
import { openShadow } from '@tidemark/shadow'

// One process: a shadow of all migrations but the last, as it is kept, and the last one applied. Prints how
// many were restored, and the most memory that was in use.
const [migrations = '', cache = '', url = ''] = process.argv.slice(2)
const read = await createDirectoryReader({ directory: migrations }).readMigrations()
if (!read.ok) throw new Error(read.error[0]?.message)
const all = read.value.migrations
const shadow = await openShadow({
  migrations: all.slice(0, -1),
  cache: { folder: cache },
  ...(url === '' ? {} : { server: { url } }),
})
await shadow.apply(all.slice(-1))
const { restored, applied } = shadow
await shadow.close()
console.log(
  JSON.stringify({ restored, applied: applied.length, maxRssMb: process.resourceUsage().maxRSS / 1024 }),
)
