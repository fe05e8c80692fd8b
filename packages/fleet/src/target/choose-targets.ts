import { suggest, TidemarkError } from '@tidemark/core'
import type { ParsedTarget } from './parse-targets.ts'

/** Which targets are meant. Without any of them: all. */
export interface TargetChoice {
  readonly only?: readonly string[] | undefined
  /** Those that have one of these. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Chooses among targets, in their order.
 *
 * @throws TidemarkError TM7072 for a name that no target has, with a suggestion, and where no target has a tag.
 */
export function chooseTargets(
  targets: readonly ParsedTarget[],
  { only = [], tags = [] }: TargetChoice,
): readonly ParsedTarget[] {
  const names = new Set(targets.map(({ name }) => name))
  const unknown = only.filter((name) => !names.has(name))
  const [first] = unknown
  if (first !== undefined) {
    const near = suggest(first, [...names])
    throw new TidemarkError({
      code: 'TM7072',
      message: `there is no target ${unknown.map((name) => `"${name}"`).join(', ')}`,
      help: near === undefined ? 'see the names with: tidemark fleet status' : `did you mean "${near}"?`,
    })
  }
  const wanted = new Set(only)
  const chosen = targets.filter(
    (one) => (only.length === 0 || wanted.has(one.name)) && (tags.length === 0 || hasTag(one, tags)),
  )
  if (chosen.length > 0 || tags.length === 0) return chosen
  throw new TidemarkError({
    code: 'TM7072',
    message: `no target has the tag ${tags.map((tag) => `"${tag}"`).join(' or ')}`,
    help: 'tags are those of the targets: "tags": ["eu"]',
  })
}

/** The ring of a target. */
export function ringOf(one: ParsedTarget): string | undefined {
  return one.kind === 'sound' ? one.target.ring : one.ring
}

function hasTag(one: ParsedTarget, tags: readonly string[]): boolean {
  const own = (one.kind === 'sound' ? one.target.tags : one.tags) ?? []
  return own.some((tag) => tags.includes(tag))
}
