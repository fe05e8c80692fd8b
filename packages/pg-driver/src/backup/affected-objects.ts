import {
  type Destruction,
  hasCode,
  type PlanStep,
  type RelationName,
  readStatementFacts,
  scanSql,
} from '@tidemark/core'

/** What holds data that a step takes away. Names are as written: the server resolves them. */
export interface AffectedObject extends RelationName {
  /** `schema`, `type`, `extension`, `owner` stand for the tables in, with, by them. */
  readonly kind: 'relation' | 'schema' | 'type' | 'extension' | 'owner'
}

const RELATIONS = new Set(['table', 'foreign table', 'materialized view', 'sequence'])

/**
 * Lists what the statements of a step empty, drop or overwrite, from its text: what a backup has to save before it runs. Dropped
 * indexes, functions and constraints hold no data; what functions and DO blocks do is not seen.
 *
 * @example listAffected(step) // [{ kind: 'relation', name: 'orders' }]
 */
export function listAffected(step: PlanStep): readonly AffectedObject[] {
  const found = new Map<string, AffectedObject>()
  for (const destruction of listDestructions(step)) {
    for (const object of objectsOf(destruction)) found.set(JSON.stringify(object), object)
  }
  return [...found.values()]
}

function listDestructions(step: PlanStep): readonly Destruction[] {
  if (step.kind === 'apply') {
    const { source, up } = step.migration
    return up.statements
      .slice(step.resumeAt)
      .flatMap((one) => readStatementFacts(source.text, one).destructions)
  }
  if (step.kind !== 'roll_back') return []
  const text = step.stored.downSql ?? ''
  return scanSql(text)
    .statements.filter((one) => hasCode(text, one))
    .slice(step.resumeAt)
    .flatMap((one) => readStatementFacts(text, one).destructions)
}

function objectsOf(destruction: Destruction): readonly AffectedObject[] {
  switch (destruction.kind) {
    case 'drop':
      return objectsOfDrop(destruction)
    case 'truncate':
      return destruction.tables.map((name) => ({ kind: 'relation', ...name }))
    case 'drop_constraint':
      return []
    default:
      return [{ kind: 'relation', ...destruction.table }]
  }
}

function objectsOfDrop({
  object,
  names,
  cascade,
}: Extract<Destruction, { readonly kind: 'drop' }>): readonly AffectedObject[] {
  if (RELATIONS.has(object)) return names.map((name) => ({ kind: 'relation', ...name }))
  if (object === 'owned') return names.map((name) => ({ kind: 'owner', ...name }))
  if (!cascade) return []
  if (object === 'schema') return names.map((name) => ({ kind: 'schema', ...name }))
  if (object === 'extension') return names.map((name) => ({ kind: 'extension', ...name }))
  return object === 'type' || object === 'domain' ? names.map((name) => ({ kind: 'type', ...name })) : []
}
