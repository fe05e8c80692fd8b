import { type PlanTarget, suggest, TidemarkError } from '@tidemark/core'
import { type AcceptedDrift, checkDrift, type DriftReport } from '@tidemark/shadow'
import { openDatabase, trackedScope } from '../database/open-database.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { readAccepted, writeAccepted } from './accepted-file.ts'

/** A report, and of which database. */
export interface ProjectDrift {
  readonly target: PlanTarget
  readonly report: DriftReport
}

/** Compares the configured database with what it says is applied. It is only read. */
export async function findProjectDrift(
  settings: DatabaseSettings,
  signal: AbortSignal,
): Promise<ProjectDrift> {
  const accepted = await readAccepted(settings.folder)
  const reader = await (await openDatabase(settings)).openReader(signal)
  try {
    const { shadow, shadowDisposable, embeddedProfile, folder, searchPath } = settings
    const { serverVersion, target } = reader
    const report = await checkDrift({
      reader,
      accepted,
      scope: trackedScope(settings),
      owners: settings.drift.owners,
      shadow: {
        searchPath,
        profile: embeddedProfile,
        projectFolder: folder,
        ...(shadow === 'pglite' ? {} : { server: { url: shadow, disposable: shadowDisposable } }),
        target: { systemIdentifier: target.systemIdentifier, serverVersion },
        signal,
      },
    })
    return { target: reader.target, report }
  } finally {
    await reader.close()
  }
}

/** What was accepted, and where that is written. */
export interface Acceptance {
  readonly file: string
  readonly accepted: AcceptedDrift
}

/**
 * Accepts a difference for the value that it has now. Others that were accepted stay, apart from those that are
 * outdated.
 *
 * @throws {TidemarkError} TM7019 when the object does not differ.
 */
export async function acceptDrift(
  { folder }: DatabaseSettings,
  { drift, accepted }: DriftReport,
  { object, reason }: { readonly object: string; readonly reason: string },
): Promise<Acceptance> {
  const found = drift.find((one) => one.object === object)
  if (found === undefined) {
    const near = suggest(
      object,
      drift.map((one) => one.object),
    )
    throw new TidemarkError({
      code: 'TM7019',
      message: `"${object}" does not differ from the migrations`,
      help: near === undefined ? 'list what differs with: tidemark drift' : `did you mean "${near}"?`,
    })
  }
  const entry = { object, value: found.value, reason }
  const file = await writeAccepted(folder, [...accepted.filter((one) => one.object !== object), entry])
  return { file, accepted: entry }
}
