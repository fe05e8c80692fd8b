import { createMigrationRunner } from '@tidemark/pg-driver'

/**
 * A process of its own, as `tidemark up` is one: applies a folder, and prints how far the heap grew beyond
 * what it was.
 *
 * `node large-apply.mjs URL FOLDER`
 */
const [database = '', migrations = ''] = process.argv.slice(2)
const MIB = 1024 * 1024

const used = () => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
const before = used()
let peak = before
const timer = setInterval(() => {
  peak = Math.max(peak, used())
}, 5)
await createMigrationRunner({ database, migrations }).runMigrations()
clearInterval(timer)
const growthMib = Math.round((peak - before) / MIB)
console.log(JSON.stringify({ growthMib, rssMib: Math.round(process.resourceUsage().maxRSS / 1024) }))
