import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { graphOf, migrationsArbitrary } from '../../../test/builders/graph-arbitrary.ts'
import {
  execute,
  expectOk,
  historyOf,
  minute,
  problemsOf,
  stepsOf,
} from '../../../test/builders/history-builder.ts'
import { batchProgress, completedRow, migration, storedOf } from '../../../test/builders/migration-builder.ts'
import { formatDiagnostic } from '../../diagnostic/format-diagnostic.ts'
import type { Migration } from '../../migration/model/migration.ts'
import { parseMigration } from '../../migration/parse-migration.ts'
import type { History, MigrationRow, StoredMigration } from '../history/history.ts'
import { listIdsToLoad } from '../history/ids-to-load.ts'
import type { ApplyOptions } from '../pending/apply-options.ts'
import { isRefused, type MigrationPlan } from '../plan/plan.ts'
import { planApply } from './plan-apply.ts'

const empty: History = { kind: 'absent' }

function plan(
  files: readonly Migration[],
  history: History = empty,
  options: ApplyOptions = {},
  stored: readonly StoredMigration[] = [],
): MigrationPlan {
  const texts = new Map(stored.map((one) => [one.id, one]))
  return expectOk(planApply({ graph: graphOf(...files), history, options, stored: texts }))
}

function refusal(files: readonly Migration[], options: ApplyOptions, history = empty): readonly string[] {
  const result = planApply({ graph: graphOf(...files), history, options })
  return result.ok ? [] : result.error.map((problem) => formatDiagnostic(problem))
}

describe('pending', () => {
  const a = migration('001_a')
  const b = migration('002_b', { dependsOn: ['001_a'] })
  const c = migration('003_c', { dependsOn: ['001_a'] })

  test('a missing table means that all is pending, in topological order', () => {
    expect(plan([c, b, a])).toEqual({
      formatVersion: 1,
      direction: 'up',
      request: { action: 'apply' },
      steps: [a, b, c].map((one) => ({
        kind: 'apply',
        id: one.id,
        migration: one,
        reason: 'pending',
        resumeAt: 0,
      })),
      findings: [],
      total: 3,
      leftOut: [],
      basis: [],
      digest: plan([a, b, c]).digest,
    })
  })

  test('I3: a late branch is applied although later files are, however the clocks went', () => {
    const history = historyOf(completedRow(a), completedRow(c, { appliedAt: new Date('2099-01-01') }))
    expect(stepsOf(plan([a, b, c], history))).toEqual(['apply 002_b (pending)'])
    expect(plan([a, b, c], history).findings).toEqual([])
  })

  test('I5: a failed transactional migration is pending, also after its file was fixed', () => {
    const fixed = migration('001_a', { up: 'SELECT 3;' })
    const failed = completedRow(a, { status: 'failed', errorMessage: 'boom', direction: 'up' })
    expect(stepsOf(plan([fixed], historyOf(failed)))).toEqual(['apply 001_a (failed)'])
    expect(plan([fixed], historyOf(failed)).findings).toEqual([])
  })

  test('rows that are pending, rolled back, or left running by a dead runner are pending', () => {
    const rows = [
      completedRow(a, { status: 'pending' }),
      completedRow(b, { status: 'rolled_back' }),
      completedRow(c, { status: 'running', direction: 'up' }),
    ]
    expect(stepsOf(plan([a, b, c], historyOf(...rows)))).toEqual([
      'apply 001_a (pending)',
      'apply 002_b (pending)',
      'apply 003_c (failed)',
    ])
  })

  test('a rollback that failed as a whole leaves its migration applied', () => {
    const row = completedRow(a, { status: 'failed', direction: 'down', errorMessage: 'still referenced' })
    expect(stepsOf(plan([a], historyOf(row)))).toEqual([])
  })
})

describe('narrowing', () => {
  const files = [
    migration('1_a', { tags: ['core'] }),
    migration('2_b', { dependsOn: ['1_a'] }),
    migration('3_c', { dependsOn: ['1_a'], tags: ['seed'] }),
    migration('4_d', { dependsOn: ['2_b'], tags: ['seed'] }),
  ]

  test('a target takes what it needs along and names what it leaves out', () => {
    const result = plan(files, empty, { target: '4_d' })
    expect(stepsOf(result)).toEqual(['apply 1_a (pending)', 'apply 2_b (pending)', 'apply 4_d (pending)'])
    expect(result.leftOut).toEqual(['3_c'])
    expect(result.request).toEqual({ action: 'apply', target: '4_d' })
  })

  test('a tag takes what its migrations need along', () => {
    expect(stepsOf(plan(files, empty, { tags: ['seed'] }))).toEqual([
      'apply 1_a (pending)',
      'apply 2_b (pending)',
      'apply 3_c (pending)',
      'apply 4_d (pending)',
    ])
    expect(plan(files, empty, { tags: ['core'] }).leftOut).toEqual(['2_b', '3_c', '4_d'])
  })

  test('steps are counted in plan order, and narrowings narrow each other', () => {
    expect(stepsOf(plan(files, empty, { steps: 2 }))).toEqual(['apply 1_a (pending)', 'apply 2_b (pending)'])
    expect(stepsOf(plan(files, empty, { target: '3_c', tags: ['core'] }))).toEqual(['apply 1_a (pending)'])
    expect(stepsOf(plan(files, empty, { target: '4_d', steps: 1 }))).toEqual(['apply 1_a (pending)'])
  })

  test('non-blocking migrations come last, and `blocking` stops before them', () => {
    const slow = [
      migration('1_a'),
      migration('2_backfill', { dependsOn: ['1_a'], blocking: false }),
      migration('3_b', { dependsOn: ['1_a'] }),
    ]
    expect(stepsOf(plan(slow))).toEqual([
      'apply 1_a (pending)',
      'apply 3_b (pending)',
      'apply 2_backfill (pending)',
    ])
    const blocking = plan(slow, empty, { blocking: true })
    expect(stepsOf(blocking)).toEqual(['apply 1_a (pending)', 'apply 3_b (pending)'])
    expect(blocking.leftOut).toEqual(['2_backfill'])
  })

  test('what does not exist is refused with what was meant', () => {
    expect(refusal(files, { target: '4_dd', tags: ['sed'], rerun: ['1_a', 'x'] })).toEqual([
      'error TM2007: no migration has the id "4_dd"\nhelp: did you mean "4_d"?',
      'error TM2007: no migration has the id "x"\nhelp: list the ids with: tidemark status',
      'error TM2009: no migration has the tag "sed"\nhelp: did you mean "seed"?',
      'migrations/1_a.sql:1:1 error TM2010: "1_a" runs once: it cannot be run again\n1 | -- Migration: 1_a\n  | ^\nhelp: only files with "Run: on_change" can; to roll it back and apply it again: tidemark redo 1_a',
    ])
  })

  test('a count of steps is a whole number from 1', () => {
    expect(() => plan(files, empty, { steps: 0 })).toThrow(
      new TypeError('steps must be a whole number from 1, not 0'),
    )
  })
})

describe('Run: on_change', () => {
  const base = migration('1_base')
  const view = migration('2_view', { dependsOn: ['1_base'], run: 'on_change', up: 'SELECT 10;' })
  const above = migration('3_above', { dependsOn: ['2_view'], run: 'on_change' })
  const other = migration('4_other', { dependsOn: ['1_base'], run: 'on_change' })
  const edited = migration('2_view', { dependsOn: ['1_base'], run: 'on_change', up: 'SELECT 11;' })
  const files = [base, edited, above, other]
  const applied = historyOf(...[base, view, above, other].map((one) => completedRow(one)))

  test('a changed file is pending again with its dependents, and nothing else is', () => {
    expect(stepsOf(plan(files, applied))).toEqual([
      'apply 2_view (changed)',
      'apply 3_above (dependency_changed)',
    ])
    expect(plan(files, applied).findings).toEqual([])
    expect(stepsOf(plan([base, view, above, other], applied))).toEqual([])
  })

  test('the dependents go along with a target', () => {
    expect(stepsOf(plan(files, applied, { target: '2_view' }))).toEqual([
      'apply 2_view (changed)',
      'apply 3_above (dependency_changed)',
    ])
  })

  test('a run that ended before the dependents is taken up by the next', () => {
    const rows = [
      completedRow(base),
      completedRow(edited, { lastAppliedAt: minute(9) }),
      completedRow(above, { lastAppliedAt: minute(5) }),
      completedRow(other, { lastAppliedAt: minute(5) }),
    ]
    expect(stepsOf(plan(files, historyOf(...rows)))).toEqual(['apply 3_above (dependency_changed)'])
  })

  test('an older file is left alone with a warning, and applied when asked for by name', () => {
    const rows = [
      completedRow(base),
      completedRow(edited, { earlierChecksums: [view.checksum] }),
      completedRow(above),
      completedRow(other),
    ]
    const old = plan([base, view, above, other], historyOf(...rows))
    expect(stepsOf(old)).toEqual([])
    expect(problemsOf(old.findings)).toEqual([
      `warning TM4004: "2_view" is older than what is applied and is skipped (file ${view.checksum.slice(0, 8)}, applied ${edited.checksum.slice(0, 8)})`,
    ])
    expect(stepsOf(plan([base, view, above, other], historyOf(...rows), { rerun: ['2_view'] }))).toEqual([
      'apply 2_view (requested)',
      'apply 3_above (dependency_changed)',
    ])
  })

  test('what is not applied cannot be run again', () => {
    expect(refusal([base, view], { rerun: ['2_view'] }).map((text) => text.split('\n')[0])).toEqual([
      'migrations/2_view.sql:1:1 error TM2010: "2_view" is not applied: it cannot be run again',
    ])
  })
})

describe('Replaces', () => {
  const a = migration('1_a')
  const b = migration('2_b', { dependsOn: ['1_a'] })
  const squash = migration('3_squash', { replaces: ['1_a', '2_b'] })
  const next = migration('4_next', { dependsOn: ['2_b'] })

  test('where all replaced migrations are applied the squash is recorded, once', () => {
    const history = historyOf(completedRow(a), completedRow(b))
    const first = plan([squash, next], history)
    expect(stepsOf(first)).toEqual(['record 3_squash as squash', 'apply 4_next (pending)'])
    expect(first.findings).toEqual([])
    const second = plan([squash, next], execute(history, first))
    expect(stepsOf(second)).toEqual([])
    expect(second.findings).toEqual([])
  })

  test('where none is applied the squash is applied', () => {
    expect(stepsOf(plan([squash, next]))).toEqual(['apply 3_squash (pending)', 'apply 4_next (pending)'])
  })

  test('where some are applied the run is refused', () => {
    const result = plan([squash], historyOf(completedRow(a), completedRow(b, { status: 'failed' })))
    expect(isRefused(result)).toBe(true)
    expect(result.findings.map((finding) => formatDiagnostic(finding))).toEqual([
      [
        'migrations/3_squash.sql:3:20 error TM4005: "3_squash" replaces 2 migrations, but only 1 is applied; "2_b" is not',
        '3 | -- Replaces: [1_a, 2_b]',
        '  |                    ^^^',
        'help: restore the replaced files and apply them to this database first, or roll back those that are applied',
      ].join('\n'),
    ])
  })

  test('an old image with the originals has nothing to do where the squash was applied', () => {
    const result = plan([a, b], historyOf(completedRow(squash)))
    expect(stepsOf(result)).toEqual([])
    expect(result.findings).toEqual([])
  })

  test('beside its originals a squash is ignored, and the plan says so', () => {
    const result = plan([a, b, squash])
    expect(stepsOf(result)).toEqual(['apply 1_a (pending)', 'apply 2_b (pending)'])
    expect(problemsOf(result.findings)).toEqual([
      'note TM2008: "3_squash" is ignored: "1_a", "2_b", which it replaces, are still there',
    ])
  })
})

describe('Transaction: none', () => {
  const up = 'SELECT 1;\nSELECT 2;\nSELECT 3;'
  const file = migration('1_a', { transaction: 'none', up, verify: 'SELECT true;' })
  const half = (done: number, change: Partial<MigrationRow> = {}) =>
    historyOf(completedRow(file, { status: 'failed', direction: 'up', statementsDone: done, ...change }))

  test('a half-done migration goes on after its last finished statement', () => {
    expect(stepsOf(plan([file], half(2)))).toEqual(['apply 1_a (resumed at 2)'])
    expect(stepsOf(plan([file], half(0)))).toEqual(['apply 1_a (failed)'])
  })

  test('where all statements are done only the verify is left', () => {
    expect(stepsOf(plan([file], half(3)))).toEqual(['verify 1_a'])
    const plain = migration('1_a', { transaction: 'none', up })
    expect(stepsOf(plan([plain], half(3, { checksum: plain.checksum })))).toEqual([
      'apply 1_a (resumed at 3)',
    ])
  })

  test('a file fixed after what is done continues; one changed before it is refused', () => {
    const fixed = migration('1_a', { transaction: 'none', up: 'SELECT 1; -- done\nselect 2;\nSELECT 33;' })
    const history = half(2)
    expect(listIdsToLoad({ graph: graphOf(fixed), history })).toEqual(['1_a'])
    expect(stepsOf(plan([fixed], history, {}, [storedOf(file)]))).toEqual(['apply 1_a (resumed at 2)'])
    const changed = migration('1_a', { transaction: 'none', up: 'SELECT 1;\nSELECT 22;\nSELECT 3;' })
    const refused = plan([changed], history, {}, [storedOf(file)])
    expect(stepsOf(refused)).toEqual([])
    expect(problemsOf(refused.findings)).toEqual([
      'error TM4010: the first 2 statements of "1_a" are already done, and that part of the file has changed since',
    ])
    expect(problemsOf(plan([changed], history).findings)).toEqual(problemsOf(refused.findings))
  })

  test('a half-done migration cannot be put into a transaction', () => {
    const transactional = migration('1_a', { up, verify: 'SELECT true;' })
    expect(problemsOf(plan([transactional], half(1), {}, [storedOf(file)]).findings)).toEqual([
      'error TM4010: the first statement of "1_a" is already done, and that part of the file has changed since',
    ])
  })

  describe('in batches', () => {
    const walk = (lines: readonly string[]) => {
      const text = `${lines.join('\n')}\n`
      return expectOk(parseMigration({ path: 'migrations/1_fill.sql', text })).migration
    }
    const fill = (set: string, header: readonly string[] = ['-- Batches: orders by id']) =>
      walk([...header, '-- @up', `UPDATE orders SET ${set} WHERE id BETWEEN $1 AND $2;`])
    const before = fill('a = 1')
    const progress = { ...batchProgress, table: 'orders', column: 'id', cursor: '5', rows: 5 }
    const history = historyOf(
      completedRow(before, { status: 'failed', direction: 'up', statementsDone: 0, progress }),
    )
    const planned = (file: Migration) => {
      const { steps, findings } = plan([file], history, {}, [storedOf(before)])
      const places = findings.map(({ span }) => span && file.source.text.slice(span.start, span.end))
      return [...stepsOf({ steps }), ...problemsOf(findings), ...places]
    }

    test('a walk goes on; comments and the rest of the header may change', () => {
      expect(planned(before)).toEqual(['apply 1_fill (resumed)'])
      const other = fill('a  = 1 /* all */', ['-- Description: Fills', '-- Batches: orders by id, size 5'])
      expect(planned(other)).toEqual(['apply 1_fill (resumed)'])
    })

    test('where its @up has changed since, a warning says what was done as it was', () => {
      expect(listIdsToLoad({ graph: graphOf(fill('a = 2')), history })).toEqual(['1_fill'])
      expect(planned(fill('a = 2'))).toEqual([
        'apply 1_fill (resumed)',
        'warning TM4010: the @up of "1_fill" has changed since it was partly done: up to id = 5 (5 rows) as it was before, the rest as it is now',
        'UPDATE orders SET a = 2 WHERE id BETWEEN $1 AND $2;',
      ])
    })

    test('another key is refused at the header that has it', () => {
      const refused =
        'error TM4010: "1_fill" is partly done in batches of orders by id, and its "Batches" has changed since'
      const other = fill('a = 1', ['-- Description: Fills', '-- Batches: orders by day, size 5'])
      expect(planned(other)).toEqual([refused, 'orders by day, size 5'])
      expect(planned(walk(['-- @up', 'SELECT 1;']))).toEqual([refused, '-- @up'])
    })
  })

  test('a rollback that did not finish its first statement is not applied, whatever the header says and without the file', () => {
    const row = completedRow(file, { status: 'failed', direction: 'down', statementsDone: 0 })
    for (const header of [file.header, { ...file.header, transaction: 'required' as const }]) {
      for (const present of [[file], []]) {
        expect(problemsOf(plan(present, historyOf({ ...row, header })).findings)).toEqual([
          'error TM4009: "1_a" is partly rolled back: its @down was started and did not finish',
        ])
      }
    }
    const renamed = migration('2_a', { transaction: 'none', up, verify: 'SELECT true;' })
    const result = plan([renamed], historyOf(row), {}, [storedOf(file)])
    expect(isRefused(result)).toBe(true)
    expect(result.findings.map(({ code }) => code)).toEqual(['TM4009'])
  })

  test('a half rolled back migration is neither applied nor pending', () => {
    const result = plan([file], half(1, { direction: 'down' }))
    expect(stepsOf(result)).toEqual([])
    expect(result.findings.map((finding) => formatDiagnostic(finding))).toEqual([
      'migrations/1_a.sql:1:1 error TM4009: "1_a" is partly rolled back: 1 statement of its @down is done\n1 | -- Migration: 1_a\n  | ^\nhelp: finish the rollback first: tidemark down --target 1_a',
    ])
  })
})

describe('findings', () => {
  const a = migration('1_a')
  const b = migration('2_b')

  test('I6: a changed applied file refuses the run, also when its stored text was not read', () => {
    const changed = migration('1_a', { up: 'SELECT 2;' })
    const history = historyOf(completedRow(a))
    expect(listIdsToLoad({ graph: graphOf(changed), history })).toEqual(['1_a'])
    const result = plan([changed, b], history, {}, [storedOf(a)])
    expect(isRefused(result)).toBe(true)
    expect(problemsOf(result.findings)).toEqual(['error TM4001: "1_a" has changed since it was applied: @up'])
    expect(problemsOf(plan([changed, b], history).findings)).toEqual([
      'error TM4001: "1_a" has changed since it was applied',
    ])
  })

  test('a change that did not run is a warning', () => {
    const changed = migration('1_a', { down: 'SELECT 99;' })
    const result = plan([changed], historyOf(completedRow(a)), {}, [storedOf(a)])
    expect(isRefused(result)).toBe(false)
    expect(problemsOf(result.findings)).toEqual([
      'warning TM4001: "1_a" has changed since it was applied: @down',
    ])
  })

  test('a dependency added to an applied migration refuses when it is not applied before it', () => {
    const late = migration('1_a', { dependsOn: ['2_b'] })
    const pending = plan([late, b], historyOf(completedRow(a)), {}, [storedOf(a)])
    expect(pending.findings.map((finding) => formatDiagnostic(finding))).toEqual([
      [
        'migrations/1_a.sql:2:17 error TM4003: "1_a" is applied and depends on "2_b", which is not applied',
        '2 | -- Depends on: [2_b]',
        '  |                 ^^^',
        'help: remove it from "Depends on" and write a new migration that depends on both',
      ].join('\n'),
    ])
    const after = historyOf(
      completedRow(a, { appliedAt: minute(1) }),
      completedRow(b, { appliedAt: minute(2) }),
    )
    expect(problemsOf(plan([late, b], after, {}, [storedOf(a)]).findings)).toEqual([
      'error TM4003: "1_a" is applied and depends on "2_b", which was applied after it',
    ])
    const before = historyOf(
      completedRow(a, { appliedAt: minute(2) }),
      completedRow(b, { appliedAt: minute(1) }),
    )
    expect(problemsOf(plan([late, b], before, {}, [storedOf(a)]).findings)).toEqual([
      'warning TM4001: "1_a" has changed since it was applied: Depends on',
    ])
  })

  test('a dependency that was renamed with its dependent names the way on', () => {
    const was = migration('2_b', { dependsOn: ['1_a'] })
    const renamed = migration('1_users', { up: 'SELECT 1;' })
    const applied = migration('1_a', { up: 'SELECT 1;' })
    const now = migration('2_b', { dependsOn: ['1_users'] })
    const history = historyOf(completedRow(applied), completedRow(was))
    const result = plan([renamed, now], history, {}, [storedOf(applied), storedOf(was)])
    const late = result.findings.find(({ code }) => code === 'TM4003')
    expect(late?.help).toBe('if "1_a" was renamed to "1_users", record that: tidemark repair 1_a --adopt')
  })

  test('a dependency that was set back by hand is a warning', () => {
    const c = migration('3_c', { dependsOn: ['1_a'] })
    const result = plan([a, c], historyOf(completedRow(a, { status: 'pending' }), completedRow(c)))
    expect(stepsOf(result)).toEqual(['apply 1_a (pending)'])
    expect(problemsOf(result.findings)).toEqual([
      'warning TM4003: "3_c" is applied and depends on "1_a", which is not applied',
    ])
  })

  test('an applied migration without a file is a warning, an error when strict', () => {
    const history = historyOf(completedRow(a), completedRow(b))
    expect(problemsOf(plan([a], history).findings)).toEqual([
      'warning TM4002: "2_b" is applied, but its file is missing',
    ])
    expect(problemsOf(plan([a], history, { strict: true }).findings)).toEqual([
      'error TM4002: "2_b" is applied, but its file is missing',
    ])
    expect(plan([a], history, { strict: true }).digest).toBe(plan([a], history).digest)
  })

  test('a renamed file is found and not applied a second time', () => {
    const old = migration('1_orders', { up: 'INSERT INTO orders VALUES (1);' })
    const renamed = migration('7_orders', { up: 'INSERT INTO orders VALUES (1);' })
    const result = plan([a, renamed], historyOf(completedRow(a), completedRow(old)), {}, [storedOf(old)])
    expect(result.findings.map((finding) => formatDiagnostic(finding))).toEqual([
      'migrations/7_orders.sql:1:1 error TM4012: "7_orders" is pending and has the same SQL as the applied "1_orders", whose file is missing\n1 | -- Migration: 7_orders\n  | ^\nhelp: name it "1_orders" again, or keep the new name: tidemark repair 1_orders --adopt',
      'warning TM4002: "1_orders" is applied, but its file is missing\nhelp: was it renamed to "7_orders"?',
    ])
  })
})

describe('over random graphs and histories', () => {
  const statuses = ['completed', 'completed', 'failed', 'pending', 'rolled_back', 'none'] as const
  const worlds = migrationsArbitrary({
    sketch: fc.record({ run: fc.constantFrom('once', 'on_change') }),
  }).chain((files) =>
    fc
      .array(fc.constantFrom(...statuses), { minLength: files.length, maxLength: files.length })
      .map((picked) => {
        const rows = files.flatMap((file, place): readonly MigrationRow[] => {
          const status = picked[place] ?? 'none'
          return status === 'none' ? [] : [completedRow(file, { status })]
        })
        return { files, history: historyOf(...rows) }
      }),
  )

  function completedIds(history: History): ReadonlySet<string> {
    const rows = history.kind === 'absent' ? [] : history.rows
    return new Set(rows.filter((row) => row.status === 'completed').map((row) => row.id))
  }

  test('I3: nothing pending is left out, and each step follows what it depends on', () => {
    fc.assert(
      fc.property(worlds, ({ files, history }) => {
        const { steps, leftOut } = plan(files, history)
        const done = new Set(completedIds(history))
        const planned = new Set(steps.map((step) => step.id))
        for (const file of files) expect(done.has(file.id) || planned.has(file.id)).toBe(true)
        for (const step of steps) {
          const needs = files.find((file) => file.id === step.id)?.header.dependsOn ?? []
          expect(needs.filter((id) => !done.has(id))).toEqual([])
          done.add(step.id)
        }
        expect(leftOut).toEqual([])
        expect(planned.size).toBe(steps.length)
      }),
    )
  })

  test('after a run nothing is left to do', () => {
    fc.assert(
      fc.property(worlds, ({ files, history }) => {
        expect(plan(files, execute(history, plan(files, history))).steps).toEqual([])
      }),
    )
  })

  test('the plan does not depend on the order of files or rows', () => {
    fc.assert(
      fc.property(worlds, ({ files, history }) => {
        const rows = history.kind === 'absent' ? [] : [...history.rows].reverse()
        expect(plan([...files].reverse(), historyOf(...rows))).toEqual(plan(files, history))
      }),
    )
  })

  test('steps taken in several runs are those of one run', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 4 }), ({ files, history }, size) => {
        const whole = plan(files, history).steps.map((step) => step.id)
        const taken: string[] = []
        let now = history
        for (let run = 0; run <= whole.length; run += 1) {
          const part = plan(files, now, { steps: size })
          expect(part.steps.length).toBeLessThanOrEqual(size)
          taken.push(...part.steps.map((step) => step.id))
          now = execute(now, part, 1000 * (run + 1))
        }
        expect(taken).toEqual(whole)
      }),
    )
  })

  test('a target is applied after its run, and left out is what the whole plan has more', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), ({ files, history }, pick) => {
        const target = files[pick % Math.max(files.length, 1)]
        if (target === undefined) return
        const part = plan(files, history, { target: target.id })
        const whole = plan(files, history)
        expect(completedIds(execute(history, part)).has(target.id)).toBe(true)
        expect(new Set([...part.steps.map((step) => step.id), ...part.leftOut])).toEqual(
          new Set(whole.steps.map((step) => step.id)),
        )
      }),
    )
  })
})
