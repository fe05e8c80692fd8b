import { writeFileSync } from 'node:fs'

// Loaded before a program: writes what its process has used to the file of BENCH_USAGE when it ends.
const path = process.env['BENCH_USAGE']
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  if (path !== undefined) {
    writeFileSync(
      path,
      JSON.stringify({ maxRssMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }),
    )
  }
})
