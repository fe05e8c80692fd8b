import { type CatalogObject, tokens } from '@tidemark/core'
import { nameKey, shownRelation, splitIdentifiers } from '../catalog/names.ts'
import type { SchemaRule } from '../model/rule.ts'
import type { PlanSubject } from '../subject/plan-subject.ts'
import { findAll, listRelations, type WrittenName } from '../tree/walk.ts'

/** The head of a function, up to its code. */
function headOf(definition: string): string {
  for (const { kind, start } of tokens(definition)) {
    if (kind === 'dollar_string') return definition.slice(0, start)
  }
  return definition
}

/** Functions that run what their caller puts in the search path. */
export const definerSearchPath: SchemaRule = {
  id: 'definer-search-path',
  severity: 'error',
  summary: 'A SECURITY DEFINER function has no search_path of its own.',
  *check({ schema, origin }) {
    for (const routine of schema.routines) {
      const head = headOf(routine.facets.get('definition') ?? '')
      if (!/^ .*\bSECURITY DEFINER\b/m.test(head) || /^ SET search_path /m.test(head)) continue
      const from = origin(routine, { facets: ['definition'], names: [splitIdentifiers(routine.id)[1] ?? ''] })
      if (from === undefined) continue
      yield {
        ...from,
        message: `${routine.id} runs with the rights of its owner and the search_path of its caller, who can put other objects in the place of those it uses`,
        safeSql: `-- @up\nALTER ${routine.kind.toUpperCase()} ${routine.id} SET search_path = '';\n-- and write every name in it with its schema`,
      }
    }
  },
}

/** Functions that fail when they run. */
export const functionUnresolved: SchemaRule = {
  id: 'function-unresolved',
  severity: 'warning',
  summary: 'The body of a function names something that is not there.',
  *check(subject) {
    for (const routine of subject.schema.routines) {
      const from = subject.origin(routine, {
        facets: ['definition'],
        names: [splitIdentifiers(routine.id)[1] ?? ''],
      })
      if (from === undefined) continue
      const checked = subject.bodies.get(routine.id)
      const [problem, ...others] = checked ?? toList(describeMissing(subject, routine))
      if (problem === undefined) continue
      yield { ...from, message: `${routine.id} fails when it runs: ${problem}`, details: others }
    }
  },
}

function toList<T>(found: T | undefined): readonly T[] {
  return found === undefined ? [] : [found]
}

function describeMissing(subject: PlanSubject, routine: CatalogObject): string | undefined {
  const names = listMissing(subject, routine).map(({ schema = 'public', name }) =>
    shownRelation({ schema, name }),
  )
  if (names.length === 0) return undefined
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not there`
}

function listMissing(subject: PlanSubject, { facets }: CatalogObject): readonly WrittenName[] {
  const queries = readQueries(subject, facets.get('definition') ?? '')
  const trees = queries.flatMap((query) => {
    const tree = subject.parser.parse(query) ?? subject.parser.parse(`SELECT ${query}`)
    return tree === undefined ? [] : [tree]
  })
  const local = new Set(trees.flatMap(listLocal))
  const missing = trees
    .flatMap(listRelations)
    .filter((name) => !isThere(subject, name) && !local.has(name.name))
  return [...new Map(missing.map((one) => [`${one.schema}.${one.name}`, one])).values()]
}

/** Of PL/pgSQL what the server looks at only when it runs; of SQL the whole body, which it looked at when it was made. */
function readQueries({ parser }: PlanSubject, definition: string): readonly string[] {
  return /^ LANGUAGE plpgsql\b/m.test(headOf(definition)) ? (parser.listQueries(definition) ?? []) : []
}

/** Tables that the function makes itself, and the rows of its trigger. */
function listLocal(tree: unknown): readonly string[] {
  const made = [...findAll(tree, 'CreateStmt'), ...findAll(tree, 'CreateTableAsStmt')]
  return made.flatMap((one) => listRelations(one).map(({ name }) => name))
}

/** What the catalog cannot know of, such as the objects of extensions, is taken to be there. */
function isThere(
  { schema: { tables, catalog, routines } }: PlanSubject,
  { schema, name }: WrittenName,
): boolean {
  if (/^(pg_|old_|new_)/.test(name) || ['old', 'new', 'inserted', 'deleted'].includes(name)) return true
  const isTransition =
    routines.length > 0 &&
    [...catalog.objects.values()].some(
      ({ kind, facets }) =>
        kind === 'trigger' && new RegExp(`TABLE AS "?${name}\\b`).test(facets.get('definition') ?? ''),
    )
  if (isTransition) return true
  const all = [...tables.values()]
  if (schema === undefined) return all.some((table) => table.name === name)
  return tables.has(nameKey({ schema, name })) || !all.some((table) => table.schema === schema)
}
