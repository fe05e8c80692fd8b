import { type Catalog, makeCatalog } from '@tidemark/core'
import { LINT_RULES, type LintedMigration, type LintFinding } from '@tidemark/lint'
import { describe, expect, test } from 'vitest'
import { execute, lint, toMigration, useScratch } from '../support/lint-sql.ts'
import { readRulePages } from '../support/rule-pages.ts'

const scratch = useScratch()

/** Rules on how something new is made: a table of the plan counts like any other, and so does an empty one. */
const OF_NEW: ReadonlySet<string> = new Set([
  'concurrent-not-resumable',
  'enum-value-used',
  'fk-without-index',
  'duplicate-index',
  'no-primary-key',
  'int4-key',
  'timestamp-without-zone',
  'no-row-security',
  'policy-without-index',
  'view-bypasses-row-security',
  'definer-search-path',
  'function-unresolved',
  'grant-to-public',
  'unused-allowance',
  'invalid-allowance',
])

/** What PostgreSQL refuses is not executed. */
const FAILS: ReadonlySet<string> = new Set(['enum-value-used'])
const ON_ALLOWANCES: ReadonlySet<string> = new Set(['unused-allowance', 'invalid-allowance'])

const EMPTY: Catalog = makeCatalog([])

describe.each(readRulePages())('$id', ({ id, text, schema, example, safe }) => {
  const of = (findings: readonly LintFinding[]) => findings.filter(({ rule }) => rule === id)
  let executed: Promise<readonly [LintedMigration, LintedMigration]> | undefined
  const executeExample = () => {
    executed ??= executeOnce()
    return executed
  }
  const executeOnce = async (): Promise<readonly [LintedMigration, LintedMigration]> => {
    const [before, after] = await execute(scratch.connection, FAILS.has(id) ? [schema] : [schema, example])
    if (before === undefined) throw new TypeError('the schema was executed')
    const migration = toMigration('002', example)
    return [before, after ?? { migration, before: before.after, after: before.after, observed: null }]
  }

  test('its page says its weight and what it is about', () => {
    const rule = LINT_RULES.get(id)
    expect(text.startsWith(`# ${id}\n\n**${rule?.severity}.** `)).toBe(true)
    for (const heading of ['Why', 'What PostgreSQL does', 'Example', 'The safe way']) {
      expect(text).toContain(`\n## ${heading}\n`)
    }
  })

  test('finds the example', async () => {
    const [, migration] = await executeExample()
    const found = of(await lint([migration]))
    expect(found).toHaveLength(1)
    expect(found[0]?.severity).toBe(LINT_RULES.get(id)?.severity)
    expect(found[0]?.statement).not.toBeNull()
  })

  test('is silent on the safe way', async () => {
    const [, ...steps] = await execute(scratch.connection, [schema, ...safe])
    expect(of(await lint(steps))).toEqual([])
  })

  test.skipIf(OF_NEW.has(id))('is silent on tables of the same plan', async () => {
    const [first, migration] = await executeExample()
    expect(of(await lint([{ ...first, before: EMPTY }, migration]))).toEqual([])
  })

  test.skipIf(OF_NEW.has(id))('is silent on tables that are known to be empty', async () => {
    const [, migration] = await executeExample()
    const tables = [...migration.before.objects.values()].filter(({ kind }) => /table|view/.test(kind))
    const sizes = new Map(tables.map((table) => [table.id, { rows: 0, bytes: 0 }]))
    expect(of(await lint([migration], { sizes }))).toEqual([])
  })

  test.runIf(OF_NEW.has(id) && !ON_ALLOWANCES.has(id))('is silent on what was there before', async () => {
    const [before, found] = await executeExample()
    const later = { migration: toMigration('003', 'SELECT 1;'), observed: [] }
    expect(of(await lint([{ ...later, before: found.after, after: found.after }]))).toEqual([])
    expect(of(await lint([before]))).toEqual([])
  })

  test.skipIf(ON_ALLOWANCES.has(id))('is silent with an allowance, which is used then', async () => {
    const [, found] = await executeExample()
    const place = of(await lint([found]))[0]?.statement ?? 0
    const { migration } = found
    const at = migration.up.statements[place]?.codeStart ?? 0
    const { text: sql } = migration.source
    const allowed = `${sql.slice(0, at)}-- tidemark: allow ${id}: known here\n${sql.slice(at)}`
    const findings = await lint([{ ...found, migration: toMigration('002', allowed) }])
    expect(of(findings)).toEqual([])
    expect(findings.filter(({ rule }) => ON_ALLOWANCES.has(rule))).toEqual([])
  })
})
