import { lineAndColumn } from '@tidemark/core'
import type { Settings } from '../../config/settings.ts'
import type { CheckOutcome, CheckRequest } from '../check.ts'
import { collectEdits } from './collect-edits.ts'
import { type Draft, draftAll } from './draft-edits.ts'
import { formatPatch } from './edited-text.ts'
import type { LoadEnvironment } from './find-recorded.ts'
import type { FixedFile, FixOutcome } from './fix-outcome.ts'
import { prove, proveSchemas } from './prove-edits.ts'
import { replaceUnchanged } from './replace-unchanged.ts'

/** What {@link fixFiles} needs besides the request of a check. */
export interface FixRequest extends CheckRequest {
  readonly load: LoadEnvironment
}

/**
 * Writes the dependencies that a check found missing, removes those without effect, and replaces statements that lint
 * has a safe way for: in files that are new in this branch and recorded in no database. Of all others it makes a
 * patch. What is to be written is executed first, as a whole.
 *
 * @returns the outcome with what was written.
 * @throws {TidemarkError} whatever a check throws.
 */
export async function fixFiles(
  settings: Settings,
  request: FixRequest,
  outcome: CheckOutcome,
): Promise<CheckOutcome> {
  const edits = collectEdits(outcome.report?.findings ?? [], outcome.graph)
  if (edits.length === 0) return { ...outcome, fix: { written: [], left: [], patch: null } }
  const drafted = await draftAll(settings, request, edits)
  const { drafts, refused } = await proveSchemas(settings, request, outcome, drafted)
  const chosen = await prove(
    settings,
    request,
    outcome,
    drafts.filter(({ why }) => why === null),
  )
  const written: Draft[] = []
  const left = [...drafts.filter(({ why }) => why !== null), ...refused]
  request.signal.throwIfAborted()
  for (const draft of chosen.drafts) {
    const why = await replaceUnchanged(draft.place.realPath, draft.text)
    if (why === null) written.push(draft)
    else left.push({ ...draft, why })
  }
  const reported = written.length === chosen.drafts.length ? chosen.outcome : outcome
  return { ...reported, fix: describeFix(written, [...left, ...chosen.refused]) }
}

function describeFix(written: readonly Draft[], left: readonly Draft[]): FixOutcome {
  const patches = left.flatMap(({ place, text }) =>
    text.before === text.after ? [] : formatPatch(place.patchPath, text),
  )
  return {
    written: written.map(describe),
    left: left.map((one) => ({ ...describe(one), why: one.why ?? '' })),
    patch: patches.length === 0 ? null : patches.join(''),
  }
}

function describe({ edit: { migration, add, remove, rewrites } }: Draft): FixedFile {
  const { id, source, up } = migration
  const lines = [...rewrites.keys()]
    .sort((a, b) => a - b)
    .map((place) => lineAndColumn(source, up.statements[place]?.codeStart ?? 0).line)
  return { id, path: source.path, add, remove, rewritten: lines }
}
