import { APPLICATIONS } from './gate/applications.ts'
import { type Launch, launch, median } from './gate/compare.ts'
import { average, confidence } from './gate/confidence.ts'
import { generateLoad } from './gate/load-generator.ts'
import { measureCalls } from './gate/measure-calls.ts'
import { openGate, serveApplications } from './gate/serve-application.ts'
import { report } from './results.ts'

/** `pnpm bench gate [express|fastify|hono] [launches] [seconds of each]` */
const [what = '', ...rest] = process.argv.slice(2)

if (what === 'load') generateLoad()
else if (what === 'serve') await serveApplications(rest[0] ?? '', rest.slice(1))
else await run(Number(rest[0] ?? 10), Number(rest[1] ?? 5))

async function run(launches: number, seconds: number): Promise<void> {
  const gate = await openGate()
  console.log('An open gate: target 100 ns a call')
  const call = measureCalls(gate)
  console.table([call])
  const ns = call['ns a call']
  report({
    work: 'a call of the middleware of an open gate',
    tool: 'tidemark',
    measured: `${ns} ns`,
    target: '≤ 100 ns',
    met: Number(ns) <= 100,
  })
  await gate.stop()
  for (const framework of Object.keys(APPLICATIONS)) {
    if (!framework.toLowerCase().startsWith(what)) continue
    console.log(`${framework} with an open gate: target 0.99 or more (${launches} launches of ${seconds} s)`)
    const runs: Map<string, Launch>[] = []
    for (let turn = 0; turn < launches; turn += 1) runs.push(await launch(framework, turn, seconds * 1000))
    const rows = Object.keys(APPLICATIONS[framework] ?? {}).map((name) => describe(name, runs))
    console.table(rows)
    for (const row of rows) {
      report({
        work: `${framework}, throughput of a route that says hello, behind an open gate`,
        tool: row.application,
        measured: `${row['requests/s'].toLocaleString('en')} requests/s`,
        ratio: `${row['throughput ÷ bare']} × bare`,
      })
    }
  }
}

function describe(name: string, runs: readonly ReadonlyMap<string, Launch>[]) {
  const own = runs.flatMap((run) => run.get(name) ?? [])
  const throughput = own.map((one) => one.throughput)
  const cpu = own.map((one) => one.cpu)
  return {
    application: name,
    'requests/s': Math.round(median(own.map(({ requestsPerSecond }) => requestsPerSecond))),
    'CPU µs': median(own.map(({ cpuUs }) => cpuUs)).toFixed(2),
    'throughput ÷ bare': `${average(throughput).toFixed(4)} ± ${confidence(throughput).toFixed(4)}`,
    'CPU ÷ bare': `${average(cpu).toFixed(4)} ± ${confidence(cpu).toFixed(4)}`,
  }
}
