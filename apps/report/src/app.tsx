import type { ReportDocument } from '@tidemark/report'
import { useEffect, useState } from 'preact/hooks'
import { counted, describeServer, formatMoment } from './model/format.ts'
import { Empty } from './parts/empty.tsx'
import { type CarriedReport, watchReport } from './report-source.ts'
import { type Route, readRoute, routeTo } from './route.ts'
import { FleetView } from './views/fleet-view.tsx'
import { GraphView } from './views/graph-view.tsx'
import { SchemaView } from './views/schema-view.tsx'
import { TargetView } from './views/target-view.tsx'
import { TimelineView } from './views/timeline-view.tsx'

/** The whole page. */
export function App({ first, isLive }: { readonly first: CarriedReport; readonly isLive: boolean }) {
  const [report, setReport] = useState(first.report)
  const [problem, setProblem] = useState(first.problem)
  const route = useRoute()
  useEffect(() => (isLive ? watchReport(setReport, setProblem) : undefined), [isLive])
  useEffect(() => {
    document.title = report === null ? 'Tidemark' : `${report.project} – Tidemark`
  }, [report?.project])
  if (report === null) {
    return <Empty title="There is nothing to show yet" text={problem ?? 'The project is being read.'} />
  }
  return (
    <div class="page">
      <a class="skip" href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <Header report={report} isLive={isLive} />
      <Tabs route={route} report={report} />
      {problem === null ? null : (
        <p class="banner" role="alert">
          {problem}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        <View route={route} report={report} />
      </main>
    </div>
  )
}

function focusMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Header({ report, isLive }: { readonly report: ReportDocument; readonly isLive: boolean }) {
  const { target, project, generatedAt, toolVersion } = report
  return (
    <header class="top">
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M2 8c3 0 3-3 6-3s3 3 6 3 3-3 8-3M2 14c3 0 3-3 6-3s3 3 6 3 3-3 8-3M2 20c3 0 3-3 6-3s3 3 6 3 3-3 8-3" />
      </svg>
      <div class="top-names">
        <h1>{project}</h1>
        <p>
          {target === null ? 'no database was read' : `${describeServer(target)}/${target.database}`}
          <span class="dot"> · </span>
          {isLive ? 'live' : formatMoment(generatedAt)}
          <span class="dot"> · </span>Tidemark {toolVersion}
        </p>
      </div>
      <Counts report={report} />
    </header>
  )
}

function Counts({ report: { migrations, target } }: { readonly report: ReportDocument }) {
  if (target === null) return <p class="counts">{counted(migrations.length, 'migration')}</p>
  const count = (...states: readonly string[]) =>
    migrations.filter(({ state }) => state !== null && states.includes(state)).length
  const shown = [
    ['applied', count('applied', 'changed')],
    ['pending', count('pending')],
    ['failed', count('failed', 'half_rolled_back')],
    ['changed', count('changed')],
  ] as const
  return (
    <ul class="counts" aria-label="Migrations by state">
      {shown
        .filter(([state, number]) => number > 0 || state === 'applied')
        .map(([state, number]) => (
          <li key={state} class={`chip state-${state}`}>
            {number} {state}
          </li>
        ))}
    </ul>
  )
}

const TABS = [
  ['graph', 'Graph'],
  ['schema', 'Schema'],
  ['timeline', 'Timeline'],
  ['target', 'Target'],
  ['fleet', 'Fleet'],
] as const

function Tabs({ route, report }: { readonly route: Route; readonly report: ReportDocument }) {
  const current = route.view === 'migration' ? 'graph' : route.view
  return (
    <nav class="tabs" aria-label="Views">
      {TABS.filter(([view]) => isThere(view, report)).map(([view, title]) => (
        <a key={view} href={routeTo({ view })} aria-current={view === current ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  )
}

function isThere(view: (typeof TABS)[number][0], { target, fleet }: ReportDocument): boolean {
  if (view === 'target') return target !== null
  return view !== 'fleet' || fleet !== null
}

function View({ route, report }: { readonly route: Route; readonly report: ReportDocument }) {
  switch (route.view) {
    case 'graph':
      return <GraphView report={report} selected={undefined} />
    case 'migration':
      return <GraphView report={report} selected={route.id} />
    case 'schema':
      return <SchemaView report={report} after={route.after} since={route.since} />
    case 'timeline':
      return <TimelineView report={report} />
    case 'target':
      return <TargetView report={report} />
    case 'fleet':
      return <FleetView report={report} />
  }
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash))
  useEffect(() => {
    const onChange = () => setRoute(readRoute(location.hash))
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return route
}
