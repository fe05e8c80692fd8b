import type { CatalogMark } from '../../catalog/model/catalog-mark.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { formatSearchPath } from '../../sql/search-path.ts'
import { checksumOf, describeAction, digestDocument } from './digest-plan.ts'
import type { MigrationPlan, PlanBasisRow, PlanTarget } from './plan.ts'
import type { SavedPlan, SavedRehearsal } from './saved-plan.ts'

/** What {@link comparePlans} reads beside the saved plan. */
export interface PlanComparison {
  /** The plan made now, with the saved plan's own request. */
  readonly plan: MigrationPlan
  /** The database that it was made for. */
  readonly target: PlanTarget
  /** `any`: the same plan may be taken to several databases. */
  readonly targets: 'same' | 'any'
  /** The catalog of the database, in the scope of the plan's rehearsal; needed where it has one. */
  readonly catalog?: CatalogMark | undefined
}

/**
 * Tells whether a saved plan is still what a run would do, and if not, what has moved since.
 *
 * @returns nothing when it may be executed, else TM4007 for another database, or TM4006 for each thing that moved,
 *   or TM4014 when the schema is not the one that it was rehearsed for.
 * @example comparePlans(saved, { plan, target: session.target, targets: 'same' })
 */
export function comparePlans(saved: SavedPlan, now: PlanComparison): readonly Diagnostic[] {
  const elsewhere = now.targets === 'same' ? compareTargets(saved.target, now.target) : []
  // What has moved there says nothing about here.
  if (elsewhere.length > 0) return elsewhere
  // A document that was edited may still carry the digest of the plan that it was.
  const isSame = saved.digest === now.plan.digest && digestDocument(saved) === saved.digest
  if (isSame) return compareSchemas(saved.rehearsal, now.catalog)
  const moved = [
    ...compareRows(saved.rows, now.plan.basis),
    ...compareSteps(saved, now.plan),
    ...compareValues(saved, now.plan),
  ]
  const facts = moved.length > 0 ? moved : ['the requested options differ']
  return facts.map(describeStale)
}

/** Under another role the same fingerprint still means the same schema. */
function compareSchemas(
  rehearsal: SavedRehearsal | undefined,
  now: CatalogMark | undefined,
): readonly Diagnostic[] {
  if (rehearsal === undefined || rehearsal.catalog.fingerprint === now?.fingerprint) return []
  const { role, reading, recordedAt } = rehearsal.catalog
  return [
    {
      code: 'TM4014',
      severity: 'error',
      message: describeOtherSchema(now, { role, reading, at: recordedAt }),
      help: 'rehearse again and review it: tidemark rehearse --out plan.json',
    },
  ]
}

function describeOtherSchema(
  now: CatalogMark | undefined,
  { role, reading, at }: { readonly role: string; readonly reading: string; readonly at: string },
): string {
  const since = `since it was rehearsed, at ${at}`
  if (now === undefined) return `the schema cannot be compared with the one that was rehearsed, at ${at}`
  if (now.reading !== reading)
    return `the schema cannot be compared with the rehearsed one: the server or Tidemark was updated ${since}`
  if (now.role !== role)
    return `the schema has changed ${since}, or the role "${now.role}" sees another one than "${role}" did`
  return `the schema of the database has changed ${since}`
}

function compareValues(saved: SavedPlan, now: MigrationPlan): readonly string[] {
  return saved.valuesDigest === now.valuesDigest ? [] : ['the values of variables have changed']
}

/**
 * Host and port decide only where a server does not tell its system identifier: one server has many names.
 */
function compareTargets(saved: SavedPlan['target'], now: PlanTarget): readonly Diagnostic[] {
  const known = saved.systemIdentifier !== null && now.systemIdentifier !== null
  const sameServer = known
    ? saved.systemIdentifier === now.systemIdentifier
    : saved.host === now.host && saved.port === now.port
  const sameSchema = saved.schema === now.schema && describePath(saved) === describePath(now)
  if (sameServer && saved.database === now.database && sameSchema) return []
  return [
    {
      code: 'TM4007',
      severity: 'error',
      message: `the plan is for ${nameTarget(saved)}, but this is ${nameTarget(now)}`,
      help: 'use the database that the plan was made for, or allow any database with --any-target',
    },
  ]
}

function nameTarget(target: PlanTarget): string {
  const { host, port, database, schema } = target
  return `"${host}${port === null ? '' : `:${port}`}/${database}", schema "${schema}"${describePath(target)}`
}

function describePath({ searchPath }: Pick<PlanTarget, 'searchPath'>): string {
  return searchPath === undefined ? '' : `, search path ${formatSearchPath(searchPath)}`
}

function compareRows(before: readonly PlanBasisRow[], now: readonly PlanBasisRow[]): readonly string[] {
  const rows = new Map(before.map((row) => [row.id, row]))
  const moved: string[] = []
  for (const row of now) {
    const old = rows.get(row.id)
    rows.delete(row.id)
    if (old === undefined) moved.push(`"${row.id}" was not in the database and is ${row.status} now`)
    else if (old.status !== row.status) moved.push(`"${row.id}" was ${old.status} and is ${row.status} now`)
    else if (old.checksum !== row.checksum) moved.push(`the database has other SQL stored for "${row.id}"`)
    else if (old.statementsDone !== row.statementsDone) {
      moved.push(
        `"${row.id}" had ${old.statementsDone ?? 0} statements done and has ${row.statementsDone ?? 0} now`,
      )
    }
  }
  for (const row of rows.values()) moved.push(`"${row.id}" was ${row.status} and is pending now`)
  return moved
}

function compareSteps(saved: SavedPlan, plan: MigrationPlan): readonly string[] {
  const rest = new Map(saved.steps.map((step) => [step.id, step]))
  const moved: string[] = []
  for (const step of plan.steps) {
    const old = rest.get(step.id)
    rest.delete(step.id)
    const action = describeAction(step)
    if (old === undefined) moved.push(`"${step.id}" is a new step`)
    else if (old.action !== action)
      moved.push(`the action of "${step.id}" was ${old.action} and is ${action} now`)
    else if (old.checksum !== checksumOf(step)) moved.push(`the file of "${step.id}" has changed`)
  }
  for (const id of rest.keys()) moved.push(`"${id}" is no longer a step`)
  return moved.length > 0 || sameOrder(saved, plan) ? moved : ['the order of the steps has changed']
}

function sameOrder(saved: SavedPlan, plan: MigrationPlan): boolean {
  return saved.steps.every((step, place) => plan.steps[place]?.id === step.id)
}

function describeStale(moved: string): Diagnostic {
  return {
    code: 'TM4006',
    severity: 'error',
    message: `the saved plan is stale: ${moved}`,
    help: 'make a new plan and review it: tidemark plan --out plan.json',
  }
}
