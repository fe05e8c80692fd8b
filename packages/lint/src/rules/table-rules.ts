import { isChild, primaryKey, referencedTable, type TableView } from '../catalog/catalog-view.ts'
import { readIndexKey } from '../catalog/index-columns.ts'
import { shownName, shownRelation } from '../catalog/names.ts'
import type { SchemaRule } from '../model/rule.ts'
import type { PlanSubject } from '../subject/plan-subject.ts'
import { concurrently, inOwnMigrations, withoutTransaction } from './safe-sql.ts'

/** Foreign keys whose parent cannot find the children. */
export const fkWithoutIndex: SchemaRule = {
  id: 'fk-without-index',
  severity: 'note',
  summary: 'No index begins with the columns of a foreign key.',
  *check(subject) {
    for (const table of listTables(subject)) {
      for (const constraint of table.constraints.values()) {
        const { definition, columns, object, name } = constraint
        if (!definition.startsWith('FOREIGN KEY') || hasIndex(subject, table, columns)) continue
        const from = subject.origin(object, { names: [table.name, name] })
        if (from === undefined) continue
        const parent = referencedTable(constraint)
        const list = columns.map(shownName).join(', ')
        const sql = `CREATE INDEX ${shownName(`${table.name}_${columns.join('_')}_idx`)} ON ${shownRelation(table)} USING btree (${list})`
        yield {
          ...from,
          statement:
            from.statement ?? subject.origin(object, { names: [table.name, ...columns] })?.statement ?? null,
          message: `no index begins with (${list}) of ${shownRelation(table)}: deletes in ${parent === undefined ? 'its parent' : shownRelation(parent)} read the whole table`,
          safeSql: subject.isBusy(table) ? withoutTransaction(concurrently(sql)) : `-- @up\n${sql};`,
        }
      }
    }
  },
}

function listTables({ schema }: PlanSubject): readonly TableView[] {
  return [...schema.tables.values()].filter(
    ({ kind, object }) => kind === 'table' && object.facets.get('persistence') !== 'temporary',
  )
}

/** Whether the first columns of an index are these, in any order. */
function hasIndex(
  { parser }: PlanSubject,
  { indexes, constraints }: TableView,
  columns: readonly string[],
): boolean {
  // The definitions of keys have their columns in words.
  const keys = [...constraints.values()].filter(({ definition }) => /^(PRIMARY KEY|UNIQUE)/.test(definition))
  const begins = (list: readonly (string | undefined)[]) =>
    columns.every((column) => list.slice(0, columns.length).includes(column))
  if (keys.some((key) => begins(key.columns))) return true
  return indexes.some((index) => {
    if (index.constraint !== undefined) return false
    const key = readIndexKey(index, parser)
    return (!key.isPartial || / WHERE \(\w+ IS NOT NULL\)$/.test(index.definition)) && begins(key.columns)
  })
}

/** Indexes that are written for nothing. */
export const duplicateIndex: SchemaRule = {
  id: 'duplicate-index',
  severity: 'warning',
  summary: 'Two indexes of a table have the same columns.',
  *check(subject) {
    for (const table of listTables(subject)) {
      for (const index of table.indexes) {
        const twin = table.indexes.find(
          (other) => other !== index && isTwin(index, other) && isKept(other, index),
        )
        if (twin === undefined || index.constraint !== undefined) continue
        const from =
          subject.origin(index.object, { names: [index.name] }) ??
          subject.origin(twin.object, { names: [twin.name] })
        if (from === undefined) continue
        yield {
          ...from,
          message: `the index ${shownName(index.name)} of ${shownRelation(table)} is the same as ${shownName(twin.name)}`,
          safeSql: withoutTransaction(`DROP INDEX CONCURRENTLY ${shownRelation(index)};`),
        }
      }
    }
  },
}

interface Twin {
  readonly name: string
  readonly definition: string
  readonly constraint: string | undefined
}

/** What comes after the name of the table. */
function bodyOf({ definition }: Twin): string {
  return definition.slice(definition.indexOf(' USING '))
}

/** A unique index serves as one that is not. */
function isTwin(index: Twin, other: Twin): boolean {
  const isUnique = index.definition.startsWith('CREATE UNIQUE')
  return bodyOf(index) === bodyOf(other) && (!isUnique || other.definition.startsWith('CREATE UNIQUE'))
}

/** Of two that can stand for each other one is kept: that of a constraint, else the first by name. */
function isKept(index: Twin, other: Twin): boolean {
  if (!isTwin(index, other)) return true
  if (index.constraint !== undefined || other.constraint !== undefined) return index.constraint !== undefined
  return index.name < other.name
}

/** Tables whose rows have no name. */
export const noPrimaryKey: SchemaRule = {
  id: 'no-primary-key',
  severity: 'note',
  summary: 'A table has no primary key, or loses it.',
  *check(subject) {
    for (const table of listTables(subject)) {
      if (isChild(table) || primaryKey(table).length > 0) continue
      const made = subject.origin(table.object, { names: [table.name] })
      const from = made ?? subject.lostKey(table)
      if (from === undefined) continue
      const shown = shownRelation(table)
      yield {
        ...from,
        message: `${shown} ${made === undefined ? 'loses its' : 'has no'} primary key: logical replication refuses to update its rows, and tools cannot distinguish them`,
        safeSql:
          made === undefined
            ? replaceKey(table)
            : `-- @up\nALTER TABLE ${shown} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;`,
      }
    }
  },
}

/** A new key is built while others write, and takes the place of the old one in one statement. */
function replaceKey({ schema, name }: TableView): string {
  const [table, key] = [shownRelation({ schema, name }), shownName(`${name}_pkey`)]
  const built = shownName(`${name}_new_key`)
  return inOwnMigrations(
    withoutTransaction(
      `CREATE UNIQUE INDEX CONCURRENTLY ${built} ON ${table} (/* the columns of the new key */);`,
    ),
    `-- @up\nALTER TABLE ${table} DROP CONSTRAINT ${key}, ADD CONSTRAINT ${key} PRIMARY KEY USING INDEX ${built};`,
  )
}

const INT4 = /^(integer|smallint)$/

/** Keys that run out. */
export const int4Key: SchemaRule = {
  id: 'int4-key',
  severity: 'note',
  summary: 'A primary key of type integer runs out at 2,147,483,647.',
  *check(subject) {
    for (const table of listTables(subject)) {
      const [name, ...others] = primaryKey(table)
      const column = name === undefined ? undefined : table.columns.get(name)
      const type = column?.facets.get('type') ?? ''
      if (
        name === undefined ||
        column === undefined ||
        others.length > 0 ||
        !INT4.test(type) ||
        isChild(table)
      )
        continue
      const isCounted =
        column.facets.has('identity') || column.facets.get('default')?.startsWith('nextval(') === true
      // A key that follows that of another table is as wide as that one.
      const isFollowing = [...table.constraints.values()].some(
        ({ definition, columns }) => definition.startsWith('FOREIGN KEY') && columns.includes(name),
      )
      if (isFollowing || (!isCounted && type !== 'integer')) continue
      const from = subject.origin(column, { facets: ['type'], names: [table.name, name] })
      if (from === undefined) continue
      yield {
        ...from,
        message: `the key ${shownName(name)} of ${shownRelation(table)} is ${type}: it runs out at ${type === 'integer' ? '2,147,483,647' : '32,767'} rows, and a change of its type writes the table anew`,
        safeSql: `-- in CREATE TABLE ${shownRelation(table)}\n-- ${shownName(name)} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`,
      }
    }
  },
}

/** Times that mean another moment in another session. */
export const timestampWithoutZone: SchemaRule = {
  id: 'timestamp-without-zone',
  severity: 'note',
  summary: 'A column is a timestamp without time zone.',
  *check(subject) {
    for (const table of listTables(subject)) {
      for (const [name, column] of table.columns) {
        const type = column.facets.get('type') ?? ''
        if (!/^timestamp(\(\d\))? without time zone$/.test(type) || column.facets.has('inherited')) continue
        const from = subject.origin(column, { facets: ['type'], names: [table.name, name] })
        if (from === undefined) continue
        yield {
          ...from,
          message: `${shownName(name)} of ${shownRelation(table)} is a timestamp without time zone: which moment it is depends on the session`,
          safeSql: `-- in the statement that adds it\n-- ${shownName(name)} ${type.replace('without', 'with')}`,
        }
      }
    }
  },
}
