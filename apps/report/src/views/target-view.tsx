import type { ReportDocument } from '@tidemark/report'
import { counted, describeServer, formatBytes, formatMoment } from '../model/format.ts'
import { Rehearsal } from '../parts/rehearsal.tsx'
import { StateChip } from '../parts/state-chip.tsx'
import { routeTo } from '../route.ts'

/** The database: what it would get, what differs in it, what is large in it. */
export function TargetView({ report }: { readonly report: ReportDocument }) {
  const { target, migrations, drift, rehearsal, locks, tables, runner } = report
  const due = migrations.filter(({ state }) => state !== null && !['applied', 'elsewhere'].includes(state))
  return (
    <div class="scroll">
      <section class="card">
        <h2>Database</h2>
        {target === null ? (
          <p class="quiet">No database was read.</p>
        ) : (
          <dl class="facts-list">
            <dt>Server</dt>
            <dd>{describeServer(target)}</dd>
            <dt>Database</dt>
            <dd>{target.database}</dd>
            <dt>Tracking tables in</dt>
            <dd>{target.schema}</dd>
            {target.user === null ? null : (
              <>
                <dt>User</dt>
                <dd>{target.user}</dd>
              </>
            )}
          </dl>
        )}
        {runner === null ? null : (
          <p class="finding note">
            A run is in progress: process {runner.pid}
            {runner.since === null ? '' : `, since ${formatMoment(runner.since)}`}
            {runner.statement === null ? '' : `: ${runner.statement}`}
          </p>
        )}
      </section>
      <section class="card">
        <h2>To do</h2>
        {due.length === 0 ? (
          <p class="quiet">Everything is applied.</p>
        ) : (
          <ol class="plan">
            {due.map(({ id, state, description }) => (
              <li key={id}>
                <a href={routeTo({ view: 'migration', id })}>{id}</a> <StateChip state={state} />
                <span class="quiet"> {description}</span>
              </li>
            ))}
          </ol>
        )}
      </section>
      <section class="card">
        <h2>Rehearsal</h2>
        {rehearsal === null ? (
          <p class="quiet">
            Nothing was rehearsed. Add --rehearse to execute what is to do on a copy of the schema of this
            database.
          </p>
        ) : rehearsal.migrations.length === 0 ? (
          <p class="quiet">Nothing is pending.</p>
        ) : (
          <Rehearsal rehearsal={rehearsal} />
        )}
      </section>
      {locks === null ? null : (
        <section class="card">
          <h2>Locks now</h2>
          {locks.length === 0 ? (
            <p class="quiet">No other session holds a lock on a table.</p>
          ) : (
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Table</th>
                  <th scope="col">Lock</th>
                  <th scope="col">Held by</th>
                </tr>
              </thead>
              <tbody>
                {locks.map(({ relation, mode, session }) => (
                  <tr key={`${relation} ${mode} ${session}`}>
                    <td>{relation}</td>
                    <td>{mode}</td>
                    <td>{session}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
      <section class="card">
        <h2>Drift</h2>
        {drift === null ? (
          <p class="quiet">It was not looked for. Add --drift to compare the database with its migrations.</p>
        ) : drift.length === 0 ? (
          <p class="quiet">The database is what its migrations make.</p>
        ) : (
          <ul class="changes">
            {drift.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </section>
      {tables.length === 0 ? null : (
        <section class="card">
          <h2>Largest tables</h2>
          <table class="bars">
            <tbody>
              {tables.map(({ name, rows, bytes }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>
                    <meter min={0} max={tables[0]?.bytes ?? 1} value={bytes}>
                      {formatBytes(bytes)}
                    </meter>
                  </td>
                  <td class="number">{formatBytes(bytes)}</td>
                  <td class="number quiet">{rows < 0 ? 'rows unknown' : `about ${counted(rows, 'row')}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  )
}
