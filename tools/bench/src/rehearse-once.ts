import { createDirectoryReader } from '@tidemark/core/node'
import { createMigrationRunner, createServerDatabase } from '@tidemark/pg-driver'
import { rehearsePlan } from '@tidemark/shadow'

// One process: what is pending on a database, rehearsed on PGlite. Prints how many statements were seen, and the
// most memory that was in use.
const [migrations = '', cache = '', url = ''] = process.argv.slice(2)
const runner = createMigrationRunner({
  database: url,
  migrations: createDirectoryReader({ directory: migrations }),
})
const plan = await runner.createMigrationPlan()
const reader = await createServerDatabase({ database: url }).openReader()
const report = await rehearsePlan({ reader, plan, shadow: { cache: { folder: cache } } })
await reader.close()
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(
  JSON.stringify({
    statements: report.migrations.flatMap(({ statements }) => statements).length,
    problems: [...report.findings, ...report.gaps].filter(
      (one) => !('rule' in one && one.rule === 'blocks-others'),
    ).length,
    maxRssMb: maxRSS / 1024,
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
  }),
)
