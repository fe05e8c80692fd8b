import { readFile, stat } from 'node:fs/promises'
import {
  buildGraph,
  editDependsOn,
  listDescendants,
  type Migration,
  type MigrationGraph,
  normalizeText,
  parseMigration,
  refusedError,
} from '@tidemark/core'
import type { CheckFinding } from '@tidemark/shadow'
import type { Settings } from '../../config/settings.ts'
import { type CheckOutcome, type CheckRequest, checkGraph } from '../check.ts'
import { collectEdits, type FileEdit } from './collect-edits.ts'
import { type EditedText, editRaw, formatPatch } from './edited-text.ts'
import { findRecorded, type LoadEnvironment } from './find-recorded.ts'
import type { FixOutcome } from './fix-outcome.ts'
import { createPlaceFinder, type FilePlace } from './place-of-file.ts'
import { replaceUnchanged } from './replace-unchanged.ts'

/** What {@link fixFiles} needs besides the request of a check. */
export interface FixRequest extends CheckRequest {
  readonly load: LoadEnvironment
}

/**
 * Writes the dependencies that a check found missing, and removes those without effect: into files that are new in
 * this branch and recorded in no database. Of all others it makes a patch. What is to be written is checked first, as
 * a whole.
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
  const drafts = await draftAll(settings, request, edits)
  const chosen = await prove(
    settings,
    request,
    outcome,
    drafts.filter(({ why }) => why === null),
  )
  const written: Draft[] = []
  const left = drafts.filter(({ why }) => why !== null)
  request.signal.throwIfAborted()
  for (const draft of chosen.drafts) {
    const why = await replaceUnchanged(draft.place.realPath, draft.text)
    if (why === null) written.push(draft)
    else left.push({ ...draft, why })
  }
  const reported = written.length === chosen.drafts.length ? chosen.outcome : outcome
  return { ...reported, fix: describeFix(written, [...left, ...chosen.refused]) }
}

/** An edit of one file, worked out and not written. */
interface Draft {
  readonly edit: FileEdit
  readonly place: FilePlace
  readonly text: EditedText
  readonly edited: Migration
  /** Why it is not written. */
  readonly why: string | null
}

async function draftAll(
  settings: Settings,
  { load, signal }: FixRequest,
  edits: readonly FileEdit[],
): Promise<readonly Draft[]> {
  const findPlace = await createPlaceFinder(settings.migrations)
  const places = await Promise.all(edits.map(({ migration }) => findPlace(migration.source.path)))
  const isAsked = places.some(({ why }) => why === null)
  const recorded = isAsked
    ? await findRecorded(settings, load, signal)
    : { places: new Map<string, string>(), unreached: null }
  const drafts = edits.flatMap((edit, index) => {
    const place = places[index]
    const where = recorded.places.get(edit.migration.id)
    const why = where === undefined ? recorded.unreached : `it is recorded in ${where}`
    return place === undefined ? [] : [draft(edit, { ...place, why: place.why ?? why }, settings.schema)]
  })
  return Promise.all(drafts)
}

const UNEDITED: EditedText = { before: '', after: '' }

/** Up to so many bytes a file is edited; a larger one is a digest in memory. */
const MOST_BYTES = 16 * 1024 * 1024

async function draft(edit: FileEdit, place: FilePlace, trackingSchema: string): Promise<Draft> {
  const { migration } = edit
  const unedited = { edit, place, edited: migration, text: UNEDITED }
  if (migration.large !== undefined || (await stat(place.realPath)).size > MOST_BYTES)
    return { ...unedited, why: 'it is too large to be edited here' }
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readFile(place.realPath))
  const { path, text } = migration.source
  if (normalizeText(before) !== text) return { ...unedited, why: 'it has changed since it was checked' }
  const after = editRaw(before, text, editDependsOn(migration, edit))
  const parsed = parseMigration({ path, text: after }, { trackingSchema })
  if (!parsed.ok) throw refusedError(parsed.error)
  return { ...unedited, text: { before, after }, edited: parsed.value.migration, why: place.why }
}

interface Proven {
  readonly outcome: CheckOutcome
  readonly drafts: readonly Draft[]
  /** What the check refused. */
  readonly refused: readonly Draft[]
}

/**
 * Checks the project with the edits, which together may do what none does alone: dependencies stay where their
 * removal brings a new error.
 */
async function prove(
  settings: Settings,
  request: CheckRequest,
  before: CheckOutcome,
  drafts: readonly Draft[],
): Promise<Proven> {
  if (drafts.length === 0) return { outcome: before, drafts, refused: [] }
  const all = await checkEdited(settings, request, before, drafts)
  if (!isWorse(before, all)) return { outcome: all, drafts, refused: [] }
  const refused = drafts
    .filter(({ edit }) => edit.remove.length > 0)
    .map((one) => ({ ...one, why: 'with it, another migration fails' }))
  const adding = await Promise.all(
    drafts.flatMap(({ edit, place }) =>
      edit.add.length === 0 ? [] : draft({ ...edit, remove: [] }, place, settings.schema),
    ),
  )
  const outcome = adding.length === 0 ? before : await checkEdited(settings, request, before, adding)
  const withoutAdded = refused.map((one) => ({ ...one, edit: { ...one.edit, add: [] }, text: UNEDITED }))
  return { outcome, drafts: adding, refused: withoutAdded }
}

async function checkEdited(
  settings: Settings,
  request: CheckRequest,
  before: CheckOutcome,
  drafts: readonly Draft[],
): Promise<CheckOutcome> {
  const { environment, variables } = settings
  const edited = new Map(drafts.map((one) => [one.edited.id, one.edited]))
  const migrations = before.graph.nodes.map(({ migration }) => edited.get(migration.id) ?? migration)
  const built = buildGraph(migrations, { environment, variables })
  if (!built.ok) throw refusedError(built.error)
  const behind = listDescendants(before.graph, [...edited.keys()]).map(({ migration }) => migration.id)
  const asked = new Set([...(before.report?.checked ?? []), ...behind])
  const ids = idsOf(built.value).filter((id) => asked.has(id))
  return checkGraph(settings, request, { ...before, graph: built.value, ids })
}

function idsOf({ nodes }: MigrationGraph): readonly string[] {
  return nodes.map(({ migration }) => migration.id)
}

function isWorse(before: CheckOutcome, after: CheckOutcome): boolean {
  const keyOf = ({ rule, migrationId, others }: CheckFinding) => JSON.stringify([rule, migrationId, others])
  const errors = ({ report }: CheckOutcome) =>
    (report?.findings ?? []).filter(({ severity }) => severity === 'error').map(keyOf)
  const known = new Set(errors(before))
  return errors(after).some((key) => !known.has(key))
}

function describeFix(written: readonly Draft[], left: readonly Draft[]): FixOutcome {
  const describe = ({ edit: { migration, add, remove } }: Draft) => ({
    id: migration.id,
    path: migration.source.path,
    add,
    remove,
  })
  const patches = left.flatMap(({ place, text }) =>
    text.before === text.after ? [] : formatPatch(place.patchPath, text),
  )
  return {
    written: written.map(describe),
    left: left.map((one) => ({ ...describe(one), why: one.why ?? '' })),
    patch: patches.length === 0 ? null : patches.join(''),
  }
}
