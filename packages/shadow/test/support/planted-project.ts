import type { Migration } from '@tidemark/core'
import { migrationOf, type Parts } from './migrations.ts'
import { numbers } from './random-project.ts'

/** Ids of migrations in which something is wrong, and of what they belong to. */
export interface Planted {
  /** Uses the table of the second, and does not depend on it. */
  readonly missingEdge: readonly [string, string]
  /** Both orders work, and end with different schemas. */
  readonly notCommuting: readonly [string, string]
  /** Both orders end with the same columns in another order. */
  readonly columnOrder: readonly [string, string]
  /** Brings back the schema, and not the values. */
  readonly lossyDown: string
  /** Works on an empty table, and on no other. */
  readonly downFailsWithRows: string
}

/** A project, and what is wrong with it. */
export interface PlantedProject {
  readonly migrations: readonly Migration[]
  readonly planted: Planted
}

/**
 * Writes a project of so many migrations in which nothing is wrong but five faults: a graph of tables that refer to one
 * another, indexes, views, functions and columns, each with a `@down` and with all that it needs.
 */
export function plantedProject(seed: number, count: number): PlantedProject {
  const right = rightMigrations(seed, count - FAULTY)
  const { parts, planted } = faultyMigrations(right.length)
  const all = [...right, ...parts]
  return { migrations: all.map((one, place) => migrationOf(idOf(place), one)), planted }
}

/** How many migrations the faults have, their tables included. */
const FAULTY = 10

function idOf(place: number): string {
  return `${String(place + 1).padStart(4, '0')}_m`
}

function table(place: number, on: readonly number[] = []): Parts {
  const references = on.map((one) => `, r${one} int REFERENCES t${one}`).join('')
  return {
    dependsOn: on.map(idOf),
    up: `CREATE TABLE t${place} (id int PRIMARY KEY, a int, b text NOT NULL, c text NOT NULL${references});`,
    down: `DROP TABLE t${place};`,
  }
}

function rightMigrations(seed: number, count: number): readonly Parts[] {
  const next = numbers(seed)
  const parts: Parts[] = []
  const tables: number[] = []
  const ancestors: ReadonlySet<number>[] = []
  /** Tables without a column of a later migration: the order of two such would be a fault. */
  const untouched = new Set<number>()
  const add = (on: readonly number[], one: Parts) => {
    parts.push(one)
    ancestors.push(new Set(on.flatMap((other) => [other, ...(ancestors[other] ?? [])])))
  }
  const addTable = (on: readonly number[]) => {
    tables.push(parts.length)
    untouched.add(parts.length)
    add(on, table(parts.length, on))
  }
  while (parts.length < count) {
    const place = parts.length
    const recent = tables.slice(-8)
    const [first = 0, second = 0] = [recent[next(recent.length)], recent[next(recent.length)]]
    const isOrdered =
      first === second || ancestors[first]?.has(second) === true || ancestors[second]?.has(first) === true
    const kind = next(6)
    const over = (up: string, down: string) => add([first], { dependsOn: [idOf(first)], up, down })
    if (place < 4) addTable([])
    else if (kind <= 1) addTable(isOrdered ? [first] : [first, second].sort((a, b) => a - b))
    else if (kind === 2) over(`CREATE INDEX i${place} ON t${first} (a, b);`, `DROP INDEX i${place};`)
    else if (kind === 3) over(`CREATE VIEW v${place} AS SELECT id, b FROM t${first};`, `DROP VIEW v${place};`)
    else if (kind === 4 && untouched.delete(first))
      over(`ALTER TABLE t${first} ADD COLUMN x int;`, `ALTER TABLE t${first} DROP COLUMN x;`)
    else
      over(
        `CREATE FUNCTION f${place}() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t${first}';`,
        `DROP FUNCTION f${place}();`,
      )
  }
  return parts
}

/** The faults have tables of their own. */
function faultyMigrations(from: number): { readonly parts: readonly Parts[]; readonly planted: Planted } {
  const [a, b, c] = [from, from + 1, from + 2]
  const on = (place: number, up: string, down: string): Parts => ({ dependsOn: [idOf(place)], up, down })
  const change = (place: number, up: string, down: string) =>
    on(place, `ALTER TABLE t${place} ${up};`, `ALTER TABLE t${place} ${down};`)
  const parts = [
    table(a),
    table(b),
    table(c),
    on(a, `CREATE VIEW missing AS SELECT t${b}.id FROM t${a}, t${b};`, 'DROP VIEW missing;'),
    change(a, 'ALTER COLUMN a SET DEFAULT 1', 'ALTER COLUMN a DROP DEFAULT'),
    change(a, 'ALTER COLUMN a SET DEFAULT 2', 'ALTER COLUMN a SET DEFAULT 1'),
    change(b, 'ADD COLUMN left_one int', 'DROP COLUMN left_one'),
    change(b, 'ADD COLUMN right_one int', 'DROP COLUMN right_one'),
    change(c, 'ALTER COLUMN b TYPE int USING length(b)', 'ALTER COLUMN b TYPE text'),
    change(c, 'DROP COLUMN c', 'ADD COLUMN c text NOT NULL'),
  ]
  const id = (place: number) => idOf(from + place)
  return {
    parts,
    planted: {
      missingEdge: [id(3), id(1)],
      notCommuting: [id(4), id(5)],
      columnOrder: [id(6), id(7)],
      lossyDown: id(8),
      downFailsWithRows: id(9),
    },
  }
}
