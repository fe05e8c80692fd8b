import {
  type Catalog,
  type CatalogObject,
  compareCatalogs,
  type Migration,
  type MigrationId,
  objectKey,
} from '@tidemark/core'
import { applyAllowances } from './allow/apply-allowances.ts'
import { readAllowances } from './allow/read-allowances.ts'
import { primaryKeyOf, viewCatalog } from './catalog/catalog-view.ts'
import { nameKey, splitIdentifiers } from './catalog/names.ts'
import type { Hit, LintFinding, LintRule, LintSeverity } from './model/rule.ts'
import type { LintRuleId } from './model/rule-ids.ts'
import { invalidAllowance, unusedAllowance } from './rules/allowance-rules.ts'
import { SCHEMA_RULES, STEP_RULES } from './rules/rules.ts'
import { enumValueUsed } from './rules/transaction-rules.ts'
import { findStatement, type StatementText } from './subject/lint-statement.ts'
import { type LintSubject, listRenames, makeSubject } from './subject/lint-subject.ts'
import type { LintedMigration, TableSize } from './subject/linted-migration.ts'
import type { Origin, OriginOptions, PlanSubject } from './subject/plan-subject.ts'
import { createPlanTables } from './subject/plan-tables.ts'
import { loadSqlParser } from './tree/parser.ts'

/** The weight of a rule; `off` leaves it out. */
export type RuleSetting = LintSeverity | 'off'

/** Options of {@link createLinter}. */
export interface LinterOptions {
  /** Weights that differ from those of the rules. */
  readonly severities?: Readonly<Partial<Record<LintRuleId, RuleSetting | undefined>>> | undefined
  /** Schemas that an API serves; default: those that `anon`, `authenticated` or `web_anon` may use. */
  readonly exposedSchemas?: readonly string[] | undefined
  /** Sizes of tables of the target, by ids such as `public.users`. What is not known is large. */
  readonly sizes?: ReadonlyMap<string, TableSize> | undefined
}

/** Looks at the migrations of one plan, in the order in which they run. */
export interface Linter {
  /** Takes the next migration and what it did. */
  add(migration: LintedMigration): void
  /** Takes a migration that fails, for the rules that say why. */
  addFailed(migration: Migration, before: Catalog): void
  /** Gives what all of them show: the schema is judged as it is after the last one. */
  finish(seen?: SeenAtEnd): readonly LintFinding[]
}

/** What was seen after the last migration, besides the schema. */
export interface SeenAtEnd {
  /** What is wrong with the bodies of functions, by their ids, as `plpgsql_check` says; what is not in it is read here. */
  readonly bodies?: ReadonlyMap<string, readonly string[]> | undefined
}

/** What is kept of a migration until the end. */
interface Taken {
  readonly migration: Migration
  readonly isObserved: boolean
  readonly statements: readonly Pick<StatementText, 'place' | 'words'>[]
  readonly hits: readonly LintFinding[]
}

/** The migration that made an object, or changed facets of it. */
interface Introduction {
  readonly by: Taken
  /** Null where it made the object. */
  readonly facets: ReadonlySet<string> | null
}

/**
 * Loads the parser of PostgreSQL and starts a plan. Tables that a migration of the plan makes are new: nobody
 * waits for them, and they are empty.
 *
 * @example
 * const linter = await createLinter()
 * linter.add({ migration, before, after, observed: null })
 * for (const { rule, message } of linter.finish()) console.log(`${rule}: ${message}`)
 */
export async function createLinter(options: LinterOptions = {}): Promise<Linter> {
  const parser = await loadSqlParser()
  const sizes = new Map(
    [...(options.sizes ?? [])].map(([id, size]) => {
      const [schema = '', name = ''] = splitIdentifiers(id)
      return [nameKey({ schema, name }), size]
    }),
  )
  const tables = createPlanTables(sizes)
  const taken: Taken[] = []
  const introductions = new Map<string, Introduction[]>()
  const lostKeys = new Map<string, Origin>()
  let last: Catalog | undefined

  const weigh = ({ id, severity }: LintRule): RuleSetting => options.severities?.[id] ?? severity
  const toFinding = (rule: LintRule, migrationId: MigrationId, hit: Hit): readonly LintFinding[] => {
    const severity = weigh(rule)
    if (severity === 'off') return []
    const { statement, span, message, details = [], safeSql, rewrite } = hit
    return [{ rule: rule.id, severity, migrationId, statement, span, message, details, safeSql, rewrite }]
  }
  const take = (given: LintedMigration, rules: typeof STEP_RULES): Taken => {
    const subject = makeSubject(given, tables, parser)
    const hits = rules
      .filter((rule) => weigh(rule) !== 'off')
      .flatMap((rule) => [...rule.check(subject)].flatMap((hit) => toFinding(rule, given.migration.id, hit)))
    const renamed = listRenames(subject.statements, subject.before)
    tables.advance(subject.before, subject.after, renamed)
    const { migration, observed } = given
    for (const [key, statement] of listLostKeys(subject, renamed)) {
      lostKeys.set(key, { migrationId: migration.id, statement })
    }
    const one: Taken = { migration, isObserved: observed !== null, statements: subject.statements, hits }
    taken.push(one)
    return one
  }

  const planSubject = (schema: Catalog, { bodies }: SeenAtEnd): PlanSubject => ({
    bodies: bodies ?? new Map(),
    schema: viewCatalog(schema),
    parser,
    exposedSchemas: options.exposedSchemas,
    isBusy: (table) => tables.isBusy(nameKey(table)),
    origin: (object, asked) => findOrigin(introductions, object, asked),
    lostKey: (table) => lostKeys.get(nameKey(table)),
  })

  return {
    add: (given) => {
      const by = take(given, STEP_RULES)
      for (const difference of compareCatalogs(given.before, given.after)) {
        if (difference.change === 'removed') continue
        const made = difference.change === 'added' ? [difference.object, ...difference.parts] : [difference]
        const facets =
          difference.change === 'changed' ? new Set(difference.facets.map(({ facet }) => facet)) : null
        for (const object of made) {
          const key = objectKey(object)
          introductions.set(key, [...(introductions.get(key) ?? []), { by, facets }])
        }
      }
      last = given.after
    },
    addFailed: (migration, before) => {
      take({ migration, before, after: before, observed: null }, [enumValueUsed])
    },
    finish: (seen = {}) => {
      const subject = last === undefined ? undefined : planSubject(last, seen)
      const ofSchema =
        subject === undefined
          ? []
          : SCHEMA_RULES.filter((rule) => weigh(rule) !== 'off').flatMap((rule) =>
              [...rule.check(subject)].flatMap((hit) => toFinding(rule, hit.migrationId, hit)),
            )
      return taken.flatMap((one) => judge(one, ofSchema))
    },
  }

  function judge(
    { migration, hits, isObserved }: Taken,
    ofSchema: readonly LintFinding[],
  ): readonly LintFinding[] {
    const { valid, invalid } = readAllowances(migration)
    const own = ofSchema.filter(({ migrationId }) => migrationId === migration.id)
    const { findings, unused } = applyAllowances([...hits, ...own], valid)
    const isKnown = (id: LintRuleId) =>
      options.severities?.[id] !== 'off' && (isObserved || !STEP_IDS.has(id))
    return [
      ...findings,
      ...unused
        .filter(({ rule }) => isKnown(rule))
        .flatMap(({ rule, statement, span }) =>
          toFinding(unusedAllowance, migration.id, {
            statement,
            span,
            message: `nothing here needs the allowance of "${rule}"`,
          }),
        ),
      ...invalid.flatMap((hit) => toFinding(invalidAllowance, migration.id, hit)),
    ]
  }
}

/** The tables that had a primary key before a migration and have none after it, with the statement that took it. */
function listLostKeys(
  { before, after, statements }: LintSubject,
  renamed: ReadonlyMap<string, string>,
): readonly (readonly [string, number | null])[] {
  return [...after.tables].flatMap(([key, table]) => {
    const old = before.tables.get(renamed.get(key) ?? key)
    const lost = old && primaryKeyOf(old)
    if (old === undefined || lost === undefined || primaryKeyOf(table) !== undefined) return []
    const words = [[lost.name], ...lost.columns.map((column) => [old.name, column])]
    const statement = words.map((names) => findStatement(statements, names)).find((place) => place !== null)
    return [[key, statement ?? null] as const]
  })
}

const STEP_IDS: ReadonlySet<LintRuleId> = new Set(STEP_RULES.map(({ id }) => id))

function findOrigin(
  introductions: ReadonlyMap<string, readonly Introduction[]>,
  object: CatalogObject,
  { facets = [], names = [] }: OriginOptions = {},
): Origin | undefined {
  const found = introductions
    .get(objectKey(object))
    ?.findLast((one) => one.facets === null || facets.some((facet) => one.facets?.has(facet) === true))
  return found && { migrationId: found.by.migration.id, statement: findStatement(found.by.statements, names) }
}
