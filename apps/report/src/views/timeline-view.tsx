import type { ReportAttempt, ReportDocument } from '@tidemark/report'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { counted, formatDuration, formatMoment } from '../model/format.ts'
import { groupRuns, type ReportRun, toCsv } from '../model/runs.ts'
import { Empty } from '../parts/empty.tsx'
import { routeTo } from '../route.ts'

const MAX_RUNS = 200
const MAX_SLOWEST = 20

/** What ran when, and where time goes. */
export function TimelineView({ report: { attempts, target } }: { readonly report: ReportDocument }) {
  const runs = useMemo(() => groupRuns(attempts), [attempts])
  if (attempts.length === 0) {
    return target === null ? (
      <Empty
        title="No database was read"
        text="The history is in the database. Name one, in the configuration or with"
        command="tidemark report --database-url postgres://… --out report.html"
      />
    ) : (
      <Empty title="Nothing has run yet" text="This database has no history." command="tidemark up" />
    )
  }
  return (
    <div class="scroll">
      <section class="card">
        <header class="card-head">
          <h2>Duration of each attempt</h2>
          <button type="button" onClick={() => download('attempts.csv', toCsv(attempts))}>
            Download CSV
          </button>
        </header>
        <Chart attempts={attempts} />
      </section>
      <Slowest attempts={attempts} />
      <section class="card">
        <h2>Runs</h2>
        <ol class="runs">
          {runs.slice(0, MAX_RUNS).map((run) => (
            <Run key={run.key} run={run} />
          ))}
        </ol>
        {runs.length > MAX_RUNS ? (
          <p class="quiet">and {counted(runs.length - MAX_RUNS, 'earlier run')}</p>
        ) : null}
      </section>
    </div>
  )
}

function Run({
  run: { runId, startedAt, kind, attempts, durationMs, failed, by },
}: {
  readonly run: ReportRun
}) {
  return (
    <li class={failed > 0 ? 'run failed' : 'run'}>
      <details open={failed > 0}>
        <summary>
          <strong>{kind}</strong> {formatMoment(startedAt)}
          <span class="quiet">
            {' '}
            {counted(attempts.length, 'migration')}, {formatDuration(durationMs)}
            {by === null ? '' : `, ${by}`}
          </span>
          {failed > 0 ? <span class="chip state-failed">{failed} failed</span> : null}
        </summary>
        {runId === null ? null : <p class="quiet run-id">run {runId}</p>}
        <ul>
          {attempts.map(({ migrationId, status, durationMs: took, error, at, direction }) => (
            <li key={`${at} ${migrationId} ${direction} ${status}`}>
              <a href={routeTo({ view: 'migration', id: migrationId })}>{migrationId}</a>
              <span class="quiet"> {took === null ? '' : formatDuration(took)}</span>
              {status === 'failed' ? <span class="chip state-failed">failed</span> : null}
              {error === null ? null : <pre class="error">{error}</pre>}
            </li>
          ))}
        </ul>
      </details>
    </li>
  )
}

function Slowest({ attempts }: { readonly attempts: readonly ReportAttempt[] }) {
  const total = new Map<string, number>()
  for (const { migrationId, durationMs } of attempts) {
    total.set(migrationId, (total.get(migrationId) ?? 0) + (durationMs ?? 0))
  }
  const slowest = [...total].sort((a, b) => b[1] - a[1]).slice(0, MAX_SLOWEST)
  const longest = slowest[0]?.[1] ?? 0
  if (longest === 0) return null
  return (
    <section class="card">
      <h2>Where time goes</h2>
      <table class="bars">
        <tbody>
          {slowest.map(([id, ms]) => (
            <tr key={id}>
              <th scope="row">
                <a href={routeTo({ view: 'migration', id })}>{id}</a>
              </th>
              <td>
                <meter min={0} max={longest} value={ms}>
                  {formatDuration(ms)}
                </meter>
              </td>
              <td class="number">{formatDuration(ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Chart({ attempts }: { readonly attempts: readonly ReportAttempt[] }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const inOrder = attempts.toReversed().filter(({ durationMs }) => durationMs !== null)
    const times = inOrder.map(({ at }) => Date.parse(at) / 1000)
    const took = (isWanted: (attempt: ReportAttempt) => boolean) =>
      inOrder.map((attempt) => (isWanted(attempt) ? Math.max(1, attempt.durationMs ?? 0) : null))
    const style = getComputedStyle(element)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
    }
    const points = (name: string) => ({
      stroke: colour(name),
      fill: colour(name),
      width: 0,
      paths: () => null,
      points: { show: true, size: 7, fill: colour(name) },
    })
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: 220,
        scales: { y: { distr: 3 } },
        legend: { show: false },
        cursor: { drag: { x: true, y: false } },
        axes: [
          { ...axis, values: (_, splits) => splits.map((at) => describeTick(at, splits)) },
          {
            ...axis,
            size: 70,
            values: (_, values) => values.map((value) => (value === null ? '' : formatDuration(value))),
          },
        ],
        series: [
          {},
          { label: 'completed', ...points('--applied') },
          { label: 'failed', ...points('--failed') },
        ],
      },
      [times, took(({ status }) => status !== 'failed'), took(({ status }) => status === 'failed')],
      element,
    )
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: 220 }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [attempts])
  return (
    <div
      ref={place}
      class="chart"
      role="img"
      aria-label={`Durations of ${counted(attempts.length, 'attempt')} over time, also in the list of runs below`}
    />
  )
}

/** As much of a moment as tells the ticks of an axis apart. Seconds since 1970. */
function describeTick(at: number, [first = at, second = at]: readonly number[]): string {
  const [day, time] = formatMoment(new Date(at * 1000).toISOString()).split(' ')
  const step = second - first
  if (step >= 86_400) return day ?? ''
  return step >= 60 ? `${time}` : `${time}:${String(Math.floor(at % 60)).padStart(2, '0')}`
}

function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
