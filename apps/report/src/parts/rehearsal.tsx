import type { ReportRehearsal } from '@tidemark/report'
import { formatDuration } from '../model/format.ts'
import { routeTo } from '../route.ts'

const WAITING = { nobody: '', writers: ': writers wait', everybody: ': everybody waits' } as const

/** What the pending migrations do on a copy of the database's schema. */
export function Rehearsal({ rehearsal }: { readonly rehearsal: ReportRehearsal }) {
  const { migrations, findings, gaps, shadowVersion, targetVersion } = rehearsal
  return (
    <div class="stack">
      <p class="quiet">
        Executed on PostgreSQL {shadowVersion}; the database has {targetVersion}. Sizes are those of the
        database.
      </p>
      {findings
        .filter(({ code }) => code !== 'drift')
        .map(({ code, severity, id, message, details }) => (
          <div key={`${code} ${id} ${message}`} class={`finding ${severity}`}>
            <p>
              {severity} {code}: {message}
            </p>
            {details.map((detail) => (
              <p key={detail}>{detail}</p>
            ))}
          </div>
        ))}
      {gaps.map((gap) => (
        <p key={gap} class="finding warning">
          not rehearsed: {gap}
        </p>
      ))}
      <ol class="plan">
        {migrations.map(({ id, outcome, statements }) => (
          <li key={id}>
            <a href={routeTo({ view: 'migration', id })}>{id}</a>
            {outcome === 'ran' ? null : <strong> {outcome === 'failed' ? 'fails' : 'not run'}</strong>}
            <ul class="effects">
              {statements.filter(doesMatter).map((statement) => (
                <Statement key={statement.line} statement={statement} />
              ))}
            </ul>
            {outcome === 'ran' && !statements.some(doesMatter) ? (
              <span class="quiet"> touches nothing that is there</span>
            ) : null}
          </li>
        ))}
      </ol>
    </div>
  )
}

type RehearsedStatement = ReportRehearsal['migrations'][number]['statements'][number]

function doesMatter({ blocks, work }: RehearsedStatement): boolean {
  return blocks !== 'nobody' || work.length > 0
}

const STRONG: ReadonlySet<string> = new Set(['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'])

/** Locks that let everybody go on are left out. */
function Statement({
  statement: { line, locks, work, blocks, durationMs },
}: {
  readonly statement: RehearsedStatement
}) {
  const strong = locks.filter(({ mode }) => STRONG.has(mode))
  return (
    <li>
      <span class="quiet">line {line}</span>
      {strong.map(({ relation, mode }) => (
        <span key={relation} class="fact warn">
          {mode} on {relation}
          {WAITING[mode === 'ACCESS EXCLUSIVE' ? 'everybody' : 'writers']}
        </span>
      ))}
      {work.map((words) => (
        <span key={words} class={blocks === 'nobody' ? 'fact' : 'fact danger'}>
          {words}
          {strong.length === 0 ? WAITING[blocks] : ''}
        </span>
      ))}
      {durationMs === null || durationMs.high < 1 ? null : (
        <span class="fact quiet">
          {formatDuration(durationMs.low)} to {formatDuration(durationMs.high)}
        </span>
      )}
    </li>
  )
}
