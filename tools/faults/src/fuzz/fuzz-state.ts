import {
  buildGraph,
  classify,
  listPending,
  type MigrationGraph,
  type MigrationRow,
  parseMigration,
  parseSavedPlan,
  planApply,
  planMark,
  planRollback,
  type RollbackRequest,
  TidemarkError,
} from '@tidemark/core'
import { checkConfig } from '../../../../apps/cli/src/config/check-config.ts'
import {
  parseMigrationAttempt,
  parseMigrationRow,
  parseStoredMigration,
} from '../../../../packages/pg-driver/src/tracking/read/rows.ts'
import type { Random } from '../random.ts'
import { show } from './fuzz-sql.ts'
import { damageValue, makeValue } from './make-value.ts'

const CONFIG_WORDS = [
  'database',
  'directUrl',
  'migrations',
  'schema',
  'readers',
  'lockTimeout',
  'lockRetries',
  'lockWait',
  'statementTimeout',
  'commits',
  'environments',
  'embedded',
  'profile',
  'supabase',
  'backup',
  'protected',
  'ssl',
  'datbase',
  '__proto__',
  'constructor',
  'toString',
  '',
] as const

/** A configuration of any shape is taken or refused with reasons. */
export function fuzzConfig(random: Random): void {
  const value = random.chance(0.9)
    ? damageValue(
        random,
        { database: 'postgres://a@b/c', migrations: 'migrations', schema: 'public' },
        CONFIG_WORDS,
      )
    : makeValue(random, CONFIG_WORDS)
  const text = random.chance(0.5) ? JSON.stringify(value, null, 2) : ''
  const checked = checkConfig(value, { path: 'tidemark.config.json', text })
  show(checked.ok ? [] : checked.error, checked.ok ? 'maybe none' : 'some')
}

/** A saved plan of any shape is read or refused with reasons. */
export function fuzzSavedPlan(random: Random): void {
  const words = [
    'formatVersion',
    'request',
    'steps',
    'digest',
    'target',
    'kind',
    'apply',
    'id',
    'action',
  ] as const
  const text = JSON.stringify(makeValue(random, words, 4)) ?? ''
  const parsed = parseSavedPlan(random.chance(0.2) ? text.slice(1) : text, 'plan.json')
  show(parsed.ok ? [] : parsed.error, parsed.ok ? 'maybe none' : 'some')
}

const IDS = ['001_a', '002_b', '003_c', '004_d', '009_gone', ''] as const
const STATUSES = ['pending', 'running', 'completed', 'failed', 'rolled_back'] as const
const ROW_WORDS = [
  ...IDS,
  ...STATUSES,
  'replaces',
  'replaced_by',
  'earlier_checksums',
  'last_applied_at',
  'dependsOn',
  'run',
  'on_change',
  'none',
] as const

/**
 * Tracking rows with arbitrary values are read, or refused with a code; whatever was read can be planned
 * over.
 */
export function fuzzRows(random: Random): void {
  const rows: MigrationRow[] = []
  for (const id of IDS) {
    if (random.chance(0.3)) continue
    const row = readRow(random, id)
    if (row !== undefined) rows.push(row)
  }
  const [graph, history] = [graphOf(), { kind: 'present' as const, rows }]
  classify({ graph, history })
  listPending({ graph, history })
  const applied = planApply({ graph, history, stored: new Map(), options: {} })
  if (!applied.ok) show(applied.error, 'some')
  const request = random.pick<RollbackRequest>([
    { kind: 'steps', count: random.integer(1, 3) },
    { kind: 'all' },
    { kind: 'to', id: '001_a' },
    { kind: 'target', id: '002_b', dependents: 'cascade' },
  ])
  const rolledBack = planRollback({ graph, history, request, stored: new Map() })
  if (!rolledBack.ok) show(rolledBack.error, 'some')
  const marked = planMark({
    graph,
    history,
    ids: [random.pick(IDS)],
    as: random.pick(['completed', 'pending', 'rolled_back']),
  })
  if (!marked.ok) show(marked.error, 'some')
}

function readRow(random: Random, id: string): MigrationRow | undefined {
  const sound = {
    id,
    status: random.pick(STATUSES),
    checksum: random.pick(['', 'c'.repeat(64)]),
    migration_type: 'custom_sql',
    depends_on: [random.pick(IDS)],
    description: null,
    header: random.chance(0.5) ? {} : makeValue(random, ROW_WORDS),
    reversible: random.chance(0.5),
    applied_at: random.pick([null, 0, 1e9, 1e300]),
    execution_time_ms: 1,
    error_message: null,
    direction: random.pick([null, 'up', 'down']),
    statements_done: random.pick([null, 0, 2, -1]),
    run_id: null,
  }
  const json = JSON.stringify(random.chance(0.6) ? sound : damageValue(random, sound, ROW_WORDS))
  const read = attempt(() => parseMigrationRow(json))
  attempt(() => parseStoredMigration(json))
  attempt(() => parseMigrationAttempt(json))
  return read
}

/** A refusal with a code is an answer; anything else is a fault. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TidemarkError) return undefined
    throw error
  }
}

let graph: MigrationGraph | undefined

function graphOf(): MigrationGraph {
  graph ??= makeGraph()
  return graph
}

function makeGraph(): MigrationGraph {
  const texts: Readonly<Record<string, string>> = {
    '001_a': '-- @up\nSELECT 1;\n-- @down\nSELECT 1;',
    '002_b': '-- Depends on: [001_a]\n-- Run: on_change\n-- @up\nSELECT 2;',
    '003_c': '-- Depends on: [001_a]\n-- Transaction: none\n-- @up\nSELECT 3; SELECT 4;\n-- @down\nSELECT 3;',
    '004_d': '-- Depends on: [002_b]\n-- Run: on_change\n-- @up\nSELECT 5;',
  }
  const migrations = Object.entries(texts).map(([id, text]) => {
    const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
    if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join())
    return parsed.value.migration
  })
  const built = buildGraph(migrations)
  if (!built.ok) throw new TypeError(built.error.map(({ message }) => message).join())
  return built.value
}
