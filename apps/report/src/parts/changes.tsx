import type { ReportChange } from '@tidemark/report'
import { counted } from '../model/format.ts'
import { Sign } from './sign.tsx'

/** What a migration makes of the schema, object by object. */
export function Changes({ changes }: { readonly changes: readonly ReportChange[] | null }) {
  if (changes === null) return null
  return (
    <section class="part">
      <h3>Schema</h3>
      {changes.length === 0 ? (
        <p class="quiet">It leaves the schema as it was.</p>
      ) : (
        <ul class="changes">
          {changes.map((change) => (
            <Change key={`${change.change} ${nameOf(change)}`} change={change} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Change({ change }: { readonly change: ReportChange }) {
  const title = (
    <>
      <Sign change={change.change} /> {nameOf(change)}
    </>
  )
  if (change.change === 'changed') {
    return (
      <li>
        {title}
        {change.facets.map(({ facet, before, after }) => (
          <div key={facet} class="facet">
            <span class="quiet">{facet}</span>
            {before === null ? null : <del>{before}</del>}
            {after === null ? null : <ins>{after}</ins>}
          </div>
        ))}
      </li>
    )
  }
  const { object, parts } = change
  const facets = Object.entries(object.facets)
  if (parts.length === 0 && facets.length === 0) return <li>{title}</li>
  return (
    <li>
      <details>
        <summary>
          {title}
          {parts.length === 0 ? null : <span class="quiet"> with {counted(parts.length, 'part')}</span>}
        </summary>
        {facets.map(([facet, value]) => (
          <div key={facet} class="facet">
            <span class="quiet">{facet}</span> <span>{value}</span>
          </div>
        ))}
        <ul>
          {parts.map((part) => (
            <li key={`${part.kind} ${part.id}`}>
              {part.kind} {part.id.startsWith(object.id) ? part.id.slice(object.id.length + 1) : part.id}
              <span class="quiet"> {summary(part.facets)}</span>
            </li>
          ))}
        </ul>
      </details>
    </li>
  )
}

function nameOf(change: ReportChange): string {
  const { kind, id } = change.change === 'changed' ? change : change.object
  return `${kind} ${id}`
}

function summary(facets: Readonly<Record<string, string>>): string {
  const { type, definition, default: value } = facets
  const required = facets['not null'] === 'yes' ? 'not null' : ''
  return [type ?? definition ?? '', required, value === undefined ? '' : `default ${value}`]
    .filter(Boolean)
    .join(', ')
}
