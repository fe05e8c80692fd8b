import type { ReportDocument, ReportMigration } from '@tidemark/report'
import { useEffect, useRef } from 'preact/hooks'
import { formatDuration, formatMoment } from '../model/format.ts'
import { Changes } from '../parts/changes.tsx'
import { Sql } from '../parts/sql.tsx'
import { StateChip } from '../parts/state-chip.tsx'
import { routeTo } from '../route.ts'

interface PanelProps {
  readonly report: ReportDocument
  readonly migration: ReportMigration | undefined
  readonly id: string
}

const VERDICTS: Readonly<Record<string, readonly [string, string]>> = {
  exact: ['ok', 'the way back gives the schema back exactly'],
  column_order: ['note', 'the way back changes the order of columns'],
  differs: ['warn', 'the way back leaves a different schema'],
  loses_data: ['warn', 'the way back loses data'],
  down_fails: ['danger', 'the way back fails'],
  irreversible: ['quiet', 'there is no way back'],
  up_fails: ['danger', 'it cannot be applied on the shadow'],
}

/** All about one migration. */
export function MigrationPanel({ report, migration, id }: PanelProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.closest('aside')?.scrollTo(0, 0)
  }, [id])
  return (
    <aside class="panel" aria-label={`Migration ${id}`}>
      <header class="panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {id}
        </h2>
        <a class="close" href={routeTo({ view: 'graph' })} aria-label="Close" title="Close">
          ×
        </a>
      </header>
      {migration === undefined ? (
        <p class="note">This report has no migration of this name.</p>
      ) : (
        <Body report={report} migration={migration} />
      )}
    </aside>
  )
}

function Body({
  report,
  migration,
}: {
  readonly report: ReportDocument
  readonly migration: ReportMigration
}) {
  const { description, up, down, verify, findings, reversibility, notExecuted } = migration
  const attempts = report.attempts.filter(({ migrationId }) => migrationId === migration.id)
  const [verdictClass, verdict] = VERDICTS[reversibility ?? ''] ?? []
  return (
    <div class="panel-body">
      {description === '' ? null : <p class="lead">{description}</p>}
      <Header migration={migration} report={report} />
      {verdict === undefined ? null : <p class={`verdict ${verdictClass}`}>{verdict}</p>}
      {findings.map(({ code, severity, message, help }) => (
        <div key={`${code} ${message}`} class={`finding ${severity}`}>
          <strong>{code}</strong> {message}
          {help === null ? null : <p class="quiet">{help}</p>}
        </div>
      ))}
      {notExecuted === null ? null : <p class="finding warning">Not executed on the shadow: {notExecuted}</p>}
      <Changes changes={migration.changes} />
      {up === null ? (
        <p class="note">Its file is gone: only the database knows it.</p>
      ) : (
        <Part title="@up">
          <Sql section={up} />
        </Part>
      )}
      {down === null ? null : (
        <Part title="@down">
          <Sql section={down} />
        </Part>
      )}
      {verify === null ? null : (
        <Part title="@verify">
          <Sql section={verify} />
        </Part>
      )}
      {attempts.length === 0 ? null : (
        <Part title="Attempts">
          <ul class="attempts">
            {attempts.map(({ at, direction, status, durationMs, error, by }) => (
              <li key={`${at} ${direction} ${status}`}>
                <span class={`chip state-${status === 'failed' ? 'failed' : 'applied'}`}>{status}</span>{' '}
                {direction}
                <span class="quiet">
                  {' '}
                  {formatMoment(at)}
                  {durationMs === null ? '' : `, ${formatDuration(durationMs)}`}
                  {by === null ? '' : `, ${by}`}
                </span>
                {error === null ? null : <pre class="error">{error}</pre>}
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  )
}

function Header({
  report,
  migration,
}: {
  readonly report: ReportDocument
  readonly migration: ReportMigration
}) {
  const { id, state, path, type, tags, dependsOn, environments, transaction, run, blocking } = migration
  const dependents = report.migrations.filter((one) => one.dependsOn.includes(id)).map((one) => one.id)
  return (
    <dl class="facts-list">
      <dt>State</dt>
      <dd>
        <StateChip state={state} />
        {migration.appliedAt === null ? null : (
          <span class="quiet">
            {' '}
            {formatMoment(migration.appliedAt)}
            {migration.durationMs === null ? '' : `, ${formatDuration(migration.durationMs)}`}
          </span>
        )}
      </dd>
      {path === null ? null : <Row name="File">{path}</Row>}
      <Row name="Type">{type}</Row>
      <Row name="Depends on">
        <Links ids={dependsOn} none="nothing" />
      </Row>
      <Row name="Needed by">
        <Links ids={dependents} none="nothing: it is a head" />
      </Row>
      {transaction === 'none' ? <Row name="Transaction">none</Row> : null}
      {run === 'on_change' ? <Row name="Run">on change</Row> : null}
      {blocking ? null : <Row name="Blocking">no: applications do not wait for it</Row>}
      {environments.length === 0 ? null : <Row name="Environments">{environments.join(', ')}</Row>}
      {tags.length === 0 ? null : <Row name="Tags">{tags.join(', ')}</Row>}
    </dl>
  )
}

function Row({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Links({ ids, none }: { readonly ids: readonly string[]; readonly none: string }) {
  if (ids.length === 0) return <span class="quiet">{none}</span>
  return (
    <ul class="links">
      {ids.map((id) => (
        <li key={id}>
          <a href={routeTo({ view: 'migration', id })}>{id}</a>
        </li>
      ))}
    </ul>
  )
}
