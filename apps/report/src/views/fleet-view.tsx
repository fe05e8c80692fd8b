import type { ReportDocument, ReportFleetTarget } from '@tidemark/report'
import { useMemo, useState } from 'preact/hooks'
import { counted } from '../model/format.ts'
import { type FleetGroup, groupFleet } from '../model/group-fleet.ts'
import { Empty } from '../parts/empty.tsx'
import { routeTo } from '../route.ts'

/** Names of a group are shown until there are this many. */
const SHOWN = 200

/** The databases and schemas of a fleet: which are at which version, and which are behind. */
export function FleetView({ report }: { readonly report: ReportDocument }) {
  const { fleet, migrations } = report
  const [search, setSearch] = useState('')
  const groups = useMemo(() => {
    const wanted = search.trim().toLowerCase()
    const found = (fleet ?? []).filter(({ name }) => name.toLowerCase().includes(wanted))
    return groupFleet(
      found,
      migrations.map(({ id }) => id),
    )
  }, [fleet, migrations, search])
  if (fleet === null) {
    return (
      <Empty
        title="No fleet was read"
        text="Add --fleet to show every database and schema of the configured fleet."
      />
    )
  }
  if (fleet.length === 0)
    return <Empty title="The fleet has no targets" text="The configuration names none." />
  const troubled = groups.flatMap(({ targets }) => targets).filter(({ problems }) => problems.length > 0)
  return (
    <div class="scroll">
      <section class="card">
        <div class="card-head">
          <h2>{counted(fleet.length, 'target')}</h2>
          <input
            type="search"
            placeholder="Name"
            aria-label="Search targets by name"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </div>
        {groups.length === 0 ? <p class="quiet">No target has this name.</p> : null}
        {groups.map((group) => (
          <Group
            key={`${group.state} ${group.version} ${group.pending}`}
            group={group}
            total={fleet.length}
          />
        ))}
      </section>
      {troubled.length === 0 ? null : (
        <section class="card">
          <h2>What went wrong</h2>
          <div class="stack">
            {troubled.slice(0, SHOWN).map(({ name, problems }) => (
              <p key={name} class="finding error">
                {name}: {problems.join('; ')}
              </p>
            ))}
            {troubled.length > SHOWN ? (
              <p class="quiet">and {counted(troubled.length - SHOWN, 'more target')}</p>
            ) : null}
          </div>
        </section>
      )}
    </div>
  )
}

const WORDS: Readonly<Record<ReportFleetTarget['state'], string>> = {
  current: 'current',
  pending: 'behind',
  ahead: 'ahead of the files',
  changed: 'changed',
  unreachable: 'cannot be read',
}

const CHIPS: Readonly<Record<ReportFleetTarget['state'], string>> = {
  current: 'applied',
  pending: 'pending',
  ahead: 'orphaned',
  changed: 'changed',
  unreachable: 'failed',
}

function Group({ group, total }: { readonly group: FleetGroup; readonly total: number }) {
  const { state, version, pending, targets } = group
  return (
    <details class="group">
      <summary>
        <span class="group-version">
          {version === null ? null : <code>{version}</code>}
          {version === null && state !== 'unreachable' ? <span class="quiet">nothing applied</span> : null}
          <span class={`chip state-${CHIPS[state]}`}>
            {WORDS[state]}
            {state === 'pending' ? ` by ${pending}` : ''}
          </span>
        </span>
        <meter min={0} max={total} value={targets.length}>
          {targets.length}
        </meter>
        <span class="number">{counted(targets.length, 'target')}</span>
      </summary>
      {version === null ? null : (
        <p>
          <a href={routeTo({ view: 'migration', id: version })}>{version}</a>
        </p>
      )}
      <p class="names">
        {targets
          .slice(0, SHOWN)
          .map(({ name }) => name)
          .join(', ')}
      </p>
      {targets.length > SHOWN ? (
        <p class="quiet">and {counted(targets.length - SHOWN, 'more target')}: search by name</p>
      ) : null}
    </details>
  )
}
