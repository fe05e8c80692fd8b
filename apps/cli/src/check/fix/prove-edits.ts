import { buildGraph, listDescendants, type MigrationGraph, refusedError } from '@tidemark/core'
import { type CheckFinding, findOtherSchemas } from '@tidemark/shadow'
import type { Settings } from '../../config/settings.ts'
import { openProjectShadow } from '../../shadow/open-project-shadow.ts'
import { type CheckOutcome, type CheckRequest, checkGraph } from '../check.ts'
import type { FileEdit } from './collect-edits.ts'
import { type Draft, draft, isEmptyEdit, rewritesOf, unwritten, withoutRewrites } from './draft-edits.ts'

/** The edits that may be written. */
export interface Proven {
  /** The check with them. */
  readonly outcome: CheckOutcome
  readonly drafts: readonly Draft[]
  /** What the check refused. */
  readonly refused: readonly Draft[]
}

const FAILS = 'with it, another migration fails'

/** Takes statements out of the edits that end with another schema when they are replaced. */
export async function proveSchemas(
  settings: Settings,
  request: CheckRequest,
  before: CheckOutcome,
  drafts: readonly Draft[],
): Promise<Pick<Proven, 'drafts' | 'refused'>> {
  const others = await findOthers(settings, request, before, drafts)
  return takeBack(settings, drafts, {
    left: withoutRewrites,
    taken: ({ edit }) => (others.has(edit.migration.id) ? rewritesOf(edit) : undefined),
    why: ({ edit }) => `it would not end with the same schema: ${others.get(edit.migration.id) ?? ''}`,
  })
}

/**
 * Checks the project with the edits, which together may do what none does alone: statements and dependencies stay
 * where another one brings a new error.
 */
export async function prove(
  settings: Settings,
  request: CheckRequest,
  before: CheckOutcome,
  drafts: readonly Draft[],
): Promise<Proven> {
  let kept = drafts
  let refused: readonly Draft[] = []
  for (const taken of [rewritesOf, removalsOf]) {
    if (kept.length === 0) return { outcome: before, drafts: kept, refused }
    const outcome = await checkEdited(settings, request, before, kept)
    if (!isWorse(before, outcome)) return { outcome, drafts: kept, refused }
    const next = await takeBack(settings, kept, {
      left: taken === rewritesOf ? withoutRewrites : (edit) => ({ ...edit, remove: [] }),
      taken: ({ edit }) => taken(edit),
      why: () => FAILS,
    })
    kept = next.drafts
    refused = [...refused, ...next.refused]
  }
  const outcome = kept.length === 0 ? before : await checkEdited(settings, request, before, kept)
  return { outcome, drafts: kept, refused }
}

function removalsOf(edit: FileEdit): FileEdit {
  return { ...withoutRewrites(edit), add: [] }
}

/** What is taken back of drafts. */
interface Withdrawal {
  readonly taken: (draft: Draft) => FileEdit | undefined
  readonly left: (edit: FileEdit) => FileEdit
  readonly why: (draft: Draft) => string
}

async function takeBack(
  settings: Settings,
  drafts: readonly Draft[],
  { taken, left, why }: Withdrawal,
): Promise<Pick<Proven, 'drafts' | 'refused'>> {
  const parts = await Promise.all(
    drafts.map(async (one): Promise<Pick<Proven, 'drafts' | 'refused'>> => {
      const edit = taken(one)
      if (edit === undefined || isEmptyEdit(edit)) return { drafts: [one], refused: [] }
      const rest = left(one.edit)
      return {
        drafts: isEmptyEdit(rest) ? [] : [await draft(rest, one.place, settings.schema)],
        refused: [unwritten(edit, one.place, why(one))],
      }
    }),
  )
  return {
    drafts: parts.flatMap((part) => part.drafts),
    refused: parts.flatMap((part) => part.refused),
  }
}

async function findOthers(
  settings: Settings,
  { signal }: CheckRequest,
  { graph }: CheckOutcome,
  drafts: readonly Draft[],
): Promise<ReadonlyMap<string, string>> {
  const rewritten = drafts.filter(({ edit, text }) => edit.rewrites.size > 0 && text.after !== '')
  if (rewritten.length === 0) return new Map()
  return findOtherSchemas({
    before: graph.nodes.map(({ migration }) => migration),
    after: withDrafts(graph, drafts),
    ids: rewritten.map(({ edited }) => edited.id),
    variables: settings.variables,
    open: (migrations, signal) => openProjectShadow(settings, migrations, { signal }),
    signal,
  })
}

function withDrafts({ nodes }: MigrationGraph, drafts: readonly Draft[]) {
  const edited = new Map(drafts.map((one) => [one.edited.id, one.edited]))
  return nodes.map(({ migration }) => edited.get(migration.id) ?? migration)
}

async function checkEdited(
  settings: Settings,
  request: CheckRequest,
  before: CheckOutcome,
  drafts: readonly Draft[],
): Promise<CheckOutcome> {
  const { environment, variables } = settings
  const built = buildGraph(withDrafts(before.graph, drafts), { environment, variables })
  if (!built.ok) throw refusedError(built.error)
  const edited = drafts.map((one) => one.edited.id)
  const behind = listDescendants(before.graph, edited).map(({ migration }) => migration.id)
  const asked = new Set([...(before.report?.checked ?? []), ...behind])
  const ids = built.value.nodes.map(({ migration }) => migration.id).filter((id) => asked.has(id))
  return checkGraph(settings, request, { ...before, graph: built.value, ids })
}

function isWorse(before: CheckOutcome, after: CheckOutcome): boolean {
  const keyOf = ({ rule, migrationId, others }: CheckFinding) => JSON.stringify([rule, migrationId, others])
  const errors = ({ report }: CheckOutcome) =>
    (report?.findings ?? []).filter(({ severity }) => severity === 'error').map(keyOf)
  const known = new Set(errors(before))
  return errors(after).some((key) => !known.has(key))
}
