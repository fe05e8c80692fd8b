import type { ReportDocument, ReportMigration } from '@tidemark/report'
import { useMemo, useState } from 'preact/hooks'
import { Canvas } from '../canvas/canvas.tsx'
import { counted } from '../model/format.ts'
import { layOut, type Placed } from '../model/layer-layout.ts'
import { Empty } from '../parts/empty.tsx'
import { stateClass, stateWords } from '../parts/state-chip.tsx'
import { routeTo } from '../route.ts'
import { MigrationPanel } from './migration-panel.tsx'

interface GraphViewProps {
  readonly report: ReportDocument
  readonly selected: string | undefined
}

const HEIGHT = 40
const MIN_WIDTH = 120
const MAX_WIDTH = 300
const CHARACTER = 7.6
/** The dot before an id, and what may follow it. */
const ROOM_FOR_MARKS = 66

/** Every migration as a box below what it depends on; beside it the one that is chosen. */
export function GraphView({ report, selected }: GraphViewProps) {
  const { migrations, heads } = report
  const [sought, setSought] = useState('')
  const byId = useMemo(() => new Map(migrations.map((one) => [one.id, one])), [migrations])
  const shape = migrations.map(({ id, dependsOn }) => `${id} ${dependsOn}`).join('\n')
  const layout = useMemo(
    () =>
      layOut(
        migrations.map(({ id, dependsOn }) => ({
          id,
          width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, id.length * CHARACTER + ROOM_FOR_MARKS)),
          height: HEIGHT,
          above: dependsOn,
        })),
      ),
    [shape],
  )
  const found = useMemo(() => findMigrations(migrations, sought), [migrations, sought])
  if (migrations.length === 0) {
    return (
      <Empty
        title="No migrations yet"
        text="The folder has no migration. Write the first one:"
        command="tidemark new create_users"
      />
    )
  }
  const chosen = selected === undefined ? undefined : byId.get(selected)
  const open = (id: string) => {
    location.hash = routeTo({ view: 'migration', id })
  }
  const isHead = new Set(heads)
  const drawBox = ({ id, width, height }: Placed, isSmall: boolean) => {
    const migration = byId.get(id)
    if (migration === undefined) return null
    const classes = ['node', `state-${stateClass(migration.state)}`]
    if (id === selected) classes.push('chosen')
    if (found !== undefined && !found.has(id)) classes.push('faded')
    if (isSmall)
      return <rect class={classes.join(' ')} width={width} height={height} rx={8} onClick={() => open(id)} />
    return (
      <g
        class={classes.join(' ')}
        role="button"
        tabindex={0}
        aria-label={describe(migration, isHead.has(id))}
        aria-pressed={id === selected}
        data-id={id}
        onClick={() => open(id)}
        onKeyDown={(event) => onNodeKey(event, migration, migrations, open)}
      >
        <rect width={width} height={height} rx={8} />
        <circle cx={16} cy={height / 2} r={4.5} />
        <text x={30} y={height / 2 + 4.5}>
          {shorten(id, width)}
        </text>
        {isHead.has(id) ? <path class="head" d={`M${width - 14} ${height / 2 - 4}l5 8h-10z`} /> : null}
        {migration.reversible || migration.up === null ? null : (
          <path class="one-way" d={`M${width - 30} ${height / 2 - 4}v8m-3 -3l3 3l3 -3`} />
        )}
        <title>{describe(migration, isHead.has(id))}</title>
      </g>
    )
  }
  return (
    <div class={chosen === undefined && selected === undefined ? 'split' : 'split with-panel'}>
      <section class="split-main" aria-label="Dependency graph">
        <div class="bar">
          <input
            type="search"
            placeholder="Search ids, descriptions, tags"
            aria-label="Search migrations"
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
            onKeyDown={(event) => {
              const [first] = found ?? []
              if (event.key === 'Enter' && first !== undefined) open(first)
            }}
          />
          <span class="quiet" role="status">
            {found === undefined ? counted(migrations.length, 'migration') : `${found.size} found`}
          </span>
          {heads.length > 1 ? <span class="chip warn">{heads.length} heads</span> : null}
          <Legend migrations={migrations} />
        </div>
        <Canvas
          layout={layout}
          label={`${counted(migrations.length, 'migration')}, ${counted(heads.length, 'head')}`}
          focus={selected ?? heads.at(-1)}
          drawBox={drawBox}
          styleLine={({ from, to }) => (from === selected || to === selected ? 'chosen' : '')}
        />
      </section>
      {selected === undefined ? null : <MigrationPanel report={report} migration={chosen} id={selected} />}
    </div>
  )
}

function Legend({ migrations }: { readonly migrations: readonly ReportMigration[] }) {
  const states = [...new Set(migrations.map(({ state }) => state))].filter((state) => state !== null)
  if (states.length === 0) return null
  return (
    <ul class="legend" aria-label="Colours">
      {states.map((state) => (
        <li key={state} class={`state-${stateClass(state)}`}>
          <i aria-hidden="true" /> {stateWords(state)}
        </li>
      ))}
    </ul>
  )
}

/** Arrow keys walk along the edges, and between the boxes of the plan order. */
function onNodeKey(
  event: KeyboardEvent,
  { id, dependsOn }: ReportMigration,
  migrations: readonly ReportMigration[],
  open: (id: string) => void,
): void {
  const place = migrations.findIndex((one) => one.id === id)
  const next = {
    ArrowUp: dependsOn[0],
    ArrowDown: migrations.find((one) => one.dependsOn.includes(id))?.id,
    ArrowLeft: migrations[place - 1]?.id,
    ArrowRight: migrations[place + 1]?.id,
  }[event.key]
  if (event.key === 'Enter' || event.key === ' ') open(id)
  else if (next !== undefined) {
    open(next)
    requestAnimationFrame(() => requestAnimationFrame(() => focusNode(next)))
  } else return
  event.preventDefault()
  event.stopPropagation()
}

function focusNode(id: string): void {
  for (const node of document.querySelectorAll<SVGGElement>('.node[data-id]')) {
    if (node.dataset['id'] === id) node.focus()
  }
}

function describe({ id, state, description, reversible, up }: ReportMigration, isHead: boolean): string {
  const facts = [id, stateWords(state)]
  if (description !== '') facts.push(description)
  if (isHead) facts.push('head: nothing depends on it')
  if (!reversible && up !== null) facts.push('has no way back')
  return facts.join(', ')
}

function shorten(id: string, width: number): string {
  const room = Math.floor((width - ROOM_FOR_MARKS + 1) / CHARACTER)
  return id.length <= room ? id : `${id.slice(0, Math.ceil(room / 2) - 1)}…${id.slice(-Math.floor(room / 2))}`
}

function findMigrations(
  migrations: readonly ReportMigration[],
  sought: string,
): ReadonlySet<string> | undefined {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return undefined
  const matches = migrations.filter(({ id, description, tags, type, state }) => {
    const text = [id, description, type, ...tags, stateWords(state)].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return new Set(matches.map(({ id }) => id))
}
