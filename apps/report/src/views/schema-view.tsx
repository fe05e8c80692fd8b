import type { ReportDocument } from '@tidemark/report'
import { useMemo } from 'preact/hooks'
import { Canvas } from '../canvas/canvas.tsx'
import { counted } from '../model/format.ts'
import { layOut, type Placed } from '../model/layer-layout.ts'
import { compareSchemas, type SchemaDifference, schemaAfter } from '../model/schema-at.ts'
import { listTables, type Table } from '../model/tables.ts'
import { Empty } from '../parts/empty.tsx'
import { Sign } from '../parts/sign.tsx'
import { TableCard, tableHeight, tableWidth } from '../parts/table-card.tsx'
import { routeTo } from '../route.ts'

interface SchemaViewProps {
  readonly report: ReportDocument
  readonly after: string | undefined
  readonly since: string | undefined
}

/** The tables after a migration, and what differs from another point. */
export function SchemaView({ report, after, since }: SchemaViewProps) {
  const { migrations, shadow } = report
  const executed = useMemo(() => migrations.filter(({ path }) => path !== null), [migrations])
  const placeOf = (id: string | undefined) => executed.findIndex((one) => one.id === id) + 1
  const count = placeOf(after) || executed.length
  const sinceCount = since === undefined ? undefined : placeOf(since)
  const schema = useMemo(() => schemaAfter(executed, count), [executed, count])
  const differences = useMemo(
    () => (sinceCount === undefined ? [] : compareSchemas(schemaAfter(executed, sinceCount), schema)),
    [executed, sinceCount, schema],
  )
  const tables = useMemo(() => listTables(schema), [schema])
  const layout = useMemo(
    () =>
      layOut(
        tables.map((table) => ({
          id: table.id,
          width: tableWidth(table),
          height: tableHeight(table),
          above: table.references,
        })),
      ),
    [tables],
  )
  if (shadow === null) {
    return (
      <Empty
        title="The schema was not built"
        text="It is found by executing the migrations on a scratch database. Make the report with it:"
        command="tidemark report --out report.html"
      />
    )
  }
  if (executed.length === 0) return <Empty title="No migrations yet" text="There is no schema to show." />
  const byId = new Map(tables.map((table) => [table.id, table]))
  const changed = marksOf(differences)
  const go = (place: number, other = since) => {
    const id = executed[place - 1]?.id
    if (id === undefined) return
    location.replace(routeTo({ view: 'schema', after: id, ...(other === undefined ? {} : { since: other }) }))
  }
  const current = executed[count - 1]
  const drawBox = ({ id, width, height }: Placed, isSmall: boolean) => {
    const table = byId.get(id)
    return table === undefined ? null : (
      <TableCard table={table} width={width} height={height} isSmall={isSmall} mark={changed.get(id)} />
    )
  }
  return (
    <div class={sinceCount === undefined ? 'split' : 'split with-panel'}>
      <section class="split-main" aria-label="Schema">
        <div class="bar">
          <label class="slider">
            <span class="quiet">After</span>
            <input
              type="range"
              min={1}
              max={executed.length}
              value={count}
              aria-label="After which migration"
              aria-valuetext={current?.id}
              onInput={(event) => go(Number(event.currentTarget.value))}
            />
          </label>
          <a
            class="slider-id"
            href={current === undefined ? '#' : routeTo({ view: 'migration', id: current.id })}
          >
            {current?.id}
          </a>
          <label>
            <span class="quiet">Compare with</span>{' '}
            <select
              value={since ?? ''}
              aria-label="Compare with the schema after"
              onChange={(event) => {
                const other = event.currentTarget.value
                location.replace(
                  routeTo({
                    view: 'schema',
                    after: current?.id ?? '',
                    ...(other === '' ? {} : { since: other }),
                  }),
                )
              }}
            >
              <option value="">nothing</option>
              {executed.map(({ id }) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </select>
          </label>
          <span class="quiet" role="status">
            {describeSchema(tables)}
          </span>
        </div>
        {tables.length === 0 ? (
          <Empty title="No tables" text="After this migration the schema has no table and no view." />
        ) : (
          <Canvas
            layout={layout}
            label={`Tables: ${describeSchema(tables)}`}
            focus={undefined}
            drawBox={drawBox}
            styleLine={() => 'reference'}
          />
        )}
      </section>
      {sinceCount === undefined ? null : <Differences differences={differences} since={since ?? ''} />}
    </div>
  )
}

function describeSchema(tables: readonly Table[]): string {
  const views = tables.filter(({ kind }) => kind.endsWith('view')).length
  const only = counted(tables.length - views, 'table')
  return views === 0 ? only : `${only}, ${counted(views, 'view')}`
}

function marksOf(differences: readonly SchemaDifference[]): ReadonlyMap<string, 'added' | 'changed'> {
  const marks = new Map<string, 'added' | 'changed'>()
  for (const { change, object } of differences) {
    if (object.kind === 'table' || object.kind.endsWith('view')) {
      marks.set(object.id, change === 'added' ? 'added' : 'changed')
      continue
    }
    const owner =
      object.kind === 'column' ? object.id.slice(0, object.id.lastIndexOf('.')) : object.id.split(' ')[0]
    if (owner !== undefined && !marks.has(owner)) marks.set(owner, 'changed')
  }
  return marks
}

function Differences({
  differences,
  since,
}: {
  readonly differences: readonly SchemaDifference[]
  readonly since: string
}) {
  return (
    <aside class="panel" aria-label="Differences">
      <header class="panel-head">
        <h2>Since {since}</h2>
      </header>
      <div class="panel-body">
        {differences.length === 0 ? (
          <p class="quiet">Nothing differs.</p>
        ) : (
          <ul class="changes">
            {differences.map(({ change, object }) => (
              <li key={`${object.kind} ${object.id}`}>
                <Sign change={change} /> {object.kind} {object.id}
              </li>
            ))}
          </ul>
        )}
      </div>
    </aside>
  )
}
