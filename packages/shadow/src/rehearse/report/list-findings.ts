import {
  describeCatalogDifference,
  locksConflict,
  type MigrationId,
  type TidemarkError,
} from '@tidemark/core'
import type { TargetCopy } from '../copy/build-copy.ts'
import { describeSession } from '../target/describe-session.ts'
import type { HeldLock, TargetFacts } from '../target/target.ts'
import { LARGE, WORK_RULES } from '../trace/lint-step.ts'
import { relationKey } from './describe-effects.ts'
import { describeWork, nameOf } from './describe-work.ts'
import type {
  Holder,
  RehearsalFinding,
  RehearsalGap,
  RehearsedMigration,
  RehearsedQueries,
  RehearsedStatement,
  RehearsedWork,
  RunSteps,
} from './rehearsal.ts'

/** Everything that findings are made from. */
export interface FindingGround {
  readonly target: TargetFacts
  readonly copy: TargetCopy
  readonly run: RunSteps
  readonly queries: RehearsedQueries | null
  readonly holders: readonly Holder[]
}

const ORDER: Readonly<Record<RehearsalFinding['severity'], number>> = { error: 0, warning: 1, note: 2 }

/** Lists what was found, the heaviest first, and what is not known. */
export function listRehearsalFindings(ground: FindingGround): {
  readonly findings: readonly RehearsalFinding[]
  readonly gaps: readonly RehearsalGap[]
} {
  const findings = [
    ...driftFindings(ground),
    ...failures(ground),
    ...brokenQueries(ground),
    ...ground.run.migrations.flatMap((migration) => blockingFindings(migration, ground.run.lint)),
    ...lintFindings(ground.run),
    ...waitFindings(ground),
  ]
  return {
    findings: findings.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]),
    gaps: listGaps(ground),
  }
}

const NOTHING = { migrationId: null, statement: null, details: [], error: null } as const

function driftFindings({ copy }: FindingGround): readonly RehearsalFinding[] {
  const { drift } = copy.drift
  if (drift.length === 0) return []
  const count = drift.length === 1 ? '1 object is' : `${drift.length} objects are`
  return [
    {
      ...NOTHING,
      rule: 'drift',
      severity: 'warning',
      message: `${count} not as the migrations make them: the rehearsal is of the schema as it is`,
      details: drift.flatMap(({ difference }) => describeCatalogDifference(difference)),
    },
  ]
}

function failures({ run }: FindingGround): readonly RehearsalFinding[] {
  return run.failed.map(({ migrationId, error }) => ({
    ...NOTHING,
    rule: 'does-not-run',
    severity: 'error',
    migrationId,
    message: describeFailure(migrationId, error),
    error,
  }))
}

function describeFailure(migrationId: MigrationId, { message, details }: TidemarkError): string {
  const { serverMessage } = details
  return typeof serverMessage === 'string' ? `"${migrationId}" fails: ${serverMessage}` : message
}

function brokenQueries({ queries, run }: FindingGround): readonly RehearsalFinding[] {
  const ran = run.migrations.filter(({ outcome }) => outcome === 'ran')
  const migrationId = ran.length === 1 ? (ran[0]?.migrationId ?? null) : null
  return (queries?.broken ?? []).map(({ source, text, why }) => ({
    ...NOTHING,
    rule: 'breaks-query',
    severity: 'error',
    migrationId,
    message: `a query of ${source} does not work afterwards: ${why}`,
    details: [text],
  }))
}

function isLarge({ relation: { rows, bytes } }: RehearsedWork): boolean {
  return (bytes === null || bytes >= LARGE.bytes) && (rows === null || rows >= LARGE.rows)
}

/** What is about no work of its own: of that, `blocks-others` says how much it is. */
function lintFindings({ lint }: RunSteps): readonly RehearsalFinding[] {
  return lint
    .filter(({ rule }) => !WORK_RULES.has(rule))
    .map(({ rule, severity, migrationId, statement, message, details, safeSql }) => ({
      ...NOTHING,
      rule,
      severity: severity === 'note' ? 'note' : 'warning',
      migrationId,
      statement,
      message,
      details: [...details, ...describeSafe(safeSql)],
    }))
}

function describeSafe(safeSql: string | undefined): readonly string[] {
  return safeSql === undefined ? [] : [`without harm:\n${safeSql}`]
}

function blockingFindings(
  { migrationId, statements }: RehearsedMigration,
  lint: RunSteps['lint'],
): readonly RehearsalFinding[] {
  return statements.flatMap(({ statement, blocks, work }): readonly RehearsalFinding[] => {
    const large = work.filter((one) => one.kind !== 'changes_rows' && isLarge(one))
    if (blocks === 'nobody' || large.length === 0) return []
    const who = blocks === 'everybody' ? 'everybody waits' : 'writers wait'
    return [
      {
        ...NOTHING,
        rule: 'blocks-others',
        severity: 'warning',
        migrationId,
        statement,
        message: `${who} while it ${large.map(describeWork).join(', and ')}`,
        details: lint
          .filter((one) => one.migrationId === migrationId && one.statement === statement)
          .filter(({ rule }) => WORK_RULES.has(rule))
          .flatMap(({ rule, safeSql }) => [`${rule} (lint)`, ...describeSafe(safeSql)]),
      },
    ]
  })
}

/** The strongest lock that the plan takes on each relation, and who holds one now that is in its way. */
export function listHolders(
  migrations: readonly RehearsedMigration[],
  held: readonly HeldLock[],
): readonly Holder[] {
  const wanted = migrations.flatMap(({ statements }) => statements.flatMap(({ locks }) => locks))
  return held.flatMap(({ schema, name, mode, session }): readonly Holder[] => {
    const lock = wanted.findLast(
      (one) => relationKey(one.relation) === relationKey({ schema, name }) && locksConflict(one.mode, mode),
    )
    return lock === undefined ? [] : [{ relation: { schema, name }, mode, wanted: lock.mode, session }]
  })
}

function waitFindings({ holders, target, run }: FindingGround): readonly RehearsalFinding[] {
  const held = holders.map((holder): RehearsalFinding => {
    const { relation, mode, wanted, session } = holder
    return {
      ...NOTHING,
      rule: 'waits-for-others',
      severity: 'warning',
      message: `${describeSession(session)} holds ${mode} on ${nameOf(relation)} now; the plan wants ${wanted}`,
    }
  })
  const [oldest] = target.transactions.filter(({ seconds }) => (seconds ?? 0) >= LONG_SECONDS)
  const concurrent = run.migrations.some(({ statements }) => statements.some(isConcurrent))
  if (!concurrent || oldest === undefined) return held
  return [
    ...held,
    {
      ...NOTHING,
      rule: 'waits-for-others',
      severity: 'warning',
      message: `CONCURRENTLY waits for every transaction that is open; the oldest is that of ${describeSession(oldest)}`,
    },
  ]
}

const LONG_SECONDS = 60

function isConcurrent({ locks }: RehearsedStatement): boolean {
  return locks.some(({ basis, mode }) => basis === 'by_manual' && mode === 'SHARE UPDATE EXCLUSIVE')
}

function listGaps({ target, copy, run, queries }: FindingGround): readonly RehearsalGap[] {
  const { recorded } = target
  // Whatever a stored migration lacks: where the copy has what the target has, nothing is missing.
  const lacking = copy.differences.length === 0 ? [] : copy.drift.notChecked
  return [
    ...lacking.map(({ migrationId, why }) => ({ migrationId, why })),
    ...[...run.unknown].map(([migrationId, why]) => ({ migrationId, why })),
    ...touchedDifferences(copy, run),
    ...(recorded.kind === 'not_read' ? [{ migrationId: null, why: `queries: ${recorded.why}` }] : []),
    ...(queries === null || queries.notCompared.length === 0 || queries.compared > 0
      ? []
      : [{ migrationId: null, why: 'queries: none of them works on the copy before the plan' }]),
  ]
}

/** Where the copy is not as the target, what a migration does to just that is not known. */
function touchedDifferences({ differences }: TargetCopy, { migrations }: RunSteps): readonly RehearsalGap[] {
  const ids = differences.map((one) => ({
    id: one.change === 'changed' ? one.id : one.object.id,
    sentence: describeCatalogDifference(one)[0] ?? '',
  }))
  return migrations.flatMap(({ migrationId, statements }) => {
    const touched = new Set(statements.flatMap(({ locks }) => locks.map(({ relation }) => nameOf(relation))))
    const found = ids.find(({ id }) => [...touched].some((name) => isOf(id, name)))
    return found === undefined
      ? []
      : [
          {
            migrationId,
            why: `touches what the copy does not have as the target has it: ${found.sentence}; --dump copies more`,
          },
        ]
  })
}

function isOf(id: string, name: string): boolean {
  return id === name || id.startsWith(`${name}.`) || id.startsWith(`${name} `)
}
