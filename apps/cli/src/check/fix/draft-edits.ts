import { readFile, stat } from 'node:fs/promises'
import { editDependsOn, type Migration, normalizeText, parseMigration, refusedError } from '@tidemark/core'
import type { Settings } from '../../config/settings.ts'
import type { FileEdit } from './collect-edits.ts'
import { type EditedText, editRaw } from './edited-text.ts'
import { findRecorded, type LoadEnvironment } from './find-recorded.ts'
import { createPlaceFinder, type FilePlace } from './place-of-file.ts'
import { rewriteStatements, whyNotRewritten } from './rewrite-statements.ts'

/** An edit of one file, worked out and not written. */
export interface Draft {
  readonly edit: FileEdit
  readonly place: FilePlace
  readonly text: EditedText
  readonly edited: Migration
  /** Why it is not written. */
  readonly why: string | null
}

/** How the databases of other environments are found, which may know a file. */
export interface DraftRequest {
  readonly load: LoadEnvironment
  readonly signal: AbortSignal
}

const NONE: ReadonlyMap<number, readonly string[]> = new Map()

/** The edit of the dependencies alone. */
export function withoutRewrites(edit: FileEdit): FileEdit {
  return { ...edit, rewrites: NONE }
}

/** The edit of the statements alone. */
export function rewritesOf(edit: FileEdit): FileEdit {
  return { ...edit, add: [], remove: [] }
}

/** Whether an edit changes nothing. */
export function isEmptyEdit({ add, remove, rewrites }: FileEdit): boolean {
  return add.length + remove.length + rewrites.size === 0
}

/** Works out edits, and which of them may not be written: statements that cannot be replaced are an edit of their own. */
export async function draftAll(
  settings: Settings,
  { load, signal }: DraftRequest,
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
    if (place === undefined) return []
    const own = { ...place, why: place.why ?? why }
    const whyNot = whyNotRewritten(edit)
    if (whyNot === null) return [draft(edit, own, settings.schema)]
    const dependencies = withoutRewrites(edit)
    return [
      ...(isEmptyEdit(dependencies) ? [] : [draft(dependencies, own, settings.schema)]),
      unwritten(rewritesOf(edit), own, whyNot),
    ]
  })
  return Promise.all(drafts)
}

const UNEDITED: EditedText = { before: '', after: '' }

/** Up to so many bytes a file is edited; a larger one is a digest in memory. */
const MOST_BYTES = 16 * 1024 * 1024

/** Works out one edit; `why` of the place says why it may not be written. */
export async function draft(edit: FileEdit, place: FilePlace, trackingSchema: string): Promise<Draft> {
  const { migration } = edit
  if (migration.large !== undefined || (await stat(place.realPath)).size > MOST_BYTES)
    return unwritten(edit, place, 'it is too large to be edited here')
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readFile(place.realPath))
  const { path, text } = migration.source
  if (normalizeText(before) !== text) return unwritten(edit, place, 'it has changed since it was checked')
  const parse = (edited: string): Migration => {
    const parsed = parseMigration({ path, text: edited }, { trackingSchema })
    if (!parsed.ok) throw refusedError(parsed.error)
    return parsed.value.migration
  }
  const depending = editDependsOn(migration, edit)
  const edited = edit.rewrites.size === 0 ? depending : rewriteStatements(parse(depending), edit.rewrites)
  const after = editRaw(before, text, edited)
  return { edit, place, text: { before, after }, edited: parse(after), why: place.why }
}

/** An edit that is said and not written, also not into a patch. */
export function unwritten(edit: FileEdit, place: FilePlace, why: string): Draft {
  return { edit, place, edited: edit.migration, text: UNEDITED, why }
}
