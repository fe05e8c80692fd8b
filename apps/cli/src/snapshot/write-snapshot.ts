import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { type Diagnostic, TidemarkError } from '@tidemark/core'
import { makeFolder, replaceFile } from '@tidemark/core/node'
import { dumpProfile, takeSnapshot } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'
import { readProject } from '../project/read-project.ts'
import type { SnapshotJson } from '../schema/shadow-schemas.ts'
import { openProjectShadow, type ShadowSettings, shadowOptions } from '../shadow/open-project-shadow.ts'
import { refuseNotChecked } from '../shadow/refuse-not-checked.ts'
import { checkSnapshot } from './check-snapshot.ts'

/** The settings that a snapshot is made by. */
export type SnapshotSettings = ShadowSettings &
  Pick<Settings, 'migrations' | 'environment' | 'variables' | 'snapshot'>

/** What `snapshot` was asked for. */
export interface SnapshotRequest {
  /** The file; undefined: that of the configuration, else none. */
  readonly out: string | undefined
  /** `check` compares and writes nothing. */
  readonly mode: 'write' | 'check'
  readonly signal: AbortSignal
}

/** The snapshot, and what became of its file. */
export interface SnapshotOutcome {
  readonly json: SnapshotJson
  /** Warnings on files, and on the shadow. */
  readonly notes: readonly Diagnostic[]
}

/**
 * Writes the schema that the files make, or checks the file that is there. A file with the same text is not
 * touched.
 *
 * @throws {TidemarkError} for wrong files; TM5052 where the shadow could not run all of them; TM4020 when the
 * file that was checked is not of these migrations; the code of a run when one fails.
 */
export async function writeSnapshot(
  settings: SnapshotSettings,
  { out = settings.snapshot, mode, signal }: SnapshotRequest,
): Promise<SnapshotOutcome> {
  if (out === undefined && mode === 'check') throw noFile()
  const { graph, notes } = await readProject(settings)
  const profileDump = await dumpProfile(shadowOptions(settings, signal))
  const shadow = await openProjectShadow(
    settings,
    graph.nodes.map(({ migration }) => migration),
    { signal },
  )
  try {
    refuseNotChecked(shadow)
    const sql = await takeSnapshot(shadow, profileDump)
    const { engine, serverVersion: version, restored } = shadow
    const facts = { engine, version, applied: shadow.applied.length, restored }
    const state = out === undefined ? 'printed' : await settle(out, sql, mode)
    const shown = out === undefined ? null : shownPath(out)
    return { json: { out: shown, state, shadow: facts, sql }, notes: [...notes, ...shadow.notes] }
  } finally {
    await shadow.close()
  }
}

async function settle(
  out: string,
  sql: string,
  mode: SnapshotRequest['mode'],
): Promise<'written' | 'unchanged'> {
  const path = resolve(out)
  const present = await readPresent(path)
  if (mode === 'check') {
    checkSnapshot(sql, present, shownPath(out))
    return 'unchanged'
  }
  if (present?.replaceAll('\r\n', '\n') === sql) return 'unchanged'
  try {
    await makeFolder(dirname(path))
    await replaceFile(path, sql)
    return 'written'
  } catch (cause) {
    throw cannotUse('write', out, cause)
  }
}

async function readPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cannotUse('read', path, cause)
  }
}

/** The file of a configuration is absolute. */
function shownPath(path: string): string {
  const shown = relative(process.cwd(), resolve(path)).replaceAll('\\', '/')
  return shown.startsWith('../') ? path : shown
}

function noFile(): TidemarkError {
  return new TidemarkError({
    code: 'TM7008',
    message: 'there is no snapshot to check: no file is named',
    help: 'name it with --out FILE, or as `snapshot` in the configuration',
  })
}

function cannotUse(verb: 'read' | 'write', path: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7012',
    message: `cannot ${verb} "${shownPath(path)}": ${cause instanceof Error ? cause.message : String(cause)}`,
    help: 'name a file that this user may write with --out',
    cause,
  })
}
