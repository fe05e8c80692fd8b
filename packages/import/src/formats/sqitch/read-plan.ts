import type { Span } from '@tidemark/core'

/** A change in a plan; a reworked one is there several times. */
export interface PlannedChange {
  readonly name: string
  /** As written: `users`, `users@v1`, `@v1`, `project:users`. */
  readonly requires: readonly string[]
  readonly conflicts: readonly string[]
  readonly note: string
  /** Tags on it, without `@`. */
  readonly tags: readonly string[]
  /** Its line. */
  readonly span: Span
}

/** What `sqitch.plan` says. */
export interface SqitchPlan {
  readonly project: string
  readonly changes: readonly PlannedChange[]
  /** Lines that are neither a change nor a tag. */
  readonly unknown: readonly Span[]
}

const PRAGMA = /^[ \t]*%([\w-]+)[ \t]*=[ \t]*(.*)$/
const TAG = /^[ \t]*@(\S+)/
const CHANGE = /^[ \t]*(?:\+[ \t]*)?([^\s@#%[\]+-][^\s[\]]*)[ \t]*(?:\[([^\]]*)\])?[^#]*(?:#[ \t]*(.*))?$/

/**
 * Reads a plan. https://sqitch.org/docs/manual/sqitchplan-pragmas/
 *
 * @example readPlan('%project=shop\nusers [roles] 2024-01-01T00:00:00Z A <a@b.c> # Users').changes[0]?.requires // ['roles']
 */
export function readPlan(text: string): SqitchPlan {
  const changes: (PlannedChange & { readonly tags: string[] })[] = []
  const unknown: Span[] = []
  let project = ''
  let start = 0
  for (const line of text.split('\n')) {
    const span = { start, end: start + line.length }
    start = span.end + 1
    const [, key, value = ''] = PRAGMA.exec(line) ?? []
    const [, tag] = TAG.exec(line) ?? []
    const [, name, needs = '', note = ''] = CHANGE.exec(line) ?? []
    if (key === 'project') project = value.trim()
    else if (key !== undefined || /^[ \t]*(?:#|$)/.test(line)) continue
    else if (tag !== undefined) changes.at(-1)?.tags.push(tag)
    else if (name === undefined) unknown.push(span)
    else {
      const words = needs.split(/\s+/).filter((word) => word !== '')
      changes.push({
        name,
        requires: words.filter((word) => !word.startsWith('!')).map((word) => word.replace(/^:/, '')),
        conflicts: words.filter((word) => word.startsWith('!')).map((word) => word.slice(1)),
        note: (note.split('\\n')[0] ?? '').trim(),
        tags: [],
        span,
      })
    }
  }
  return { project, changes, unknown }
}

/**
 * Finds the change that a dependency means; undefined for one of another project, and for one that the plan
 * does not have before.
 *
 * @param before the place of the change that depends on it.
 */
export function resolveDependency(
  { project, changes }: SqitchPlan,
  dependency: string,
  before: number,
): number | undefined {
  const own = dependency.startsWith(`${project}:`) ? dependency.slice(project.length + 1) : dependency
  if (own.includes(':')) return undefined
  const [name = '', tag] = own.split('@')
  const tagged = tag === undefined ? before - 1 : changes.findIndex(({ tags }) => tags.includes(tag))
  const last = Math.min(tagged, before - 1)
  if (name === '') return tagged === -1 || last < 0 ? undefined : last
  const found = changes.slice(0, last + 1).findLastIndex((change) => change.name === name)
  return found === -1 ? undefined : found
}
