import type { Diagnostic } from '@tidemark/core'
import { adoptableHistory, convertProject, divideRecording, type Import, shownPath } from '@tidemark/import'
import { openShadow, refuseOnServer } from '@tidemark/shadow'
import type { Settings } from '../config/settings.ts'
import { type RecordRequest, recordTool, type ToolRecording } from '../record/record-tool.ts'
import { shadowOptions } from '../shadow/open-project-shadow.ts'
import type { ImportCheck } from './check-import.ts'
import { proveRecording } from './check-recording.ts'
import { type ImportPlan, planFiles } from './import-project.ts'

/** What was recorded, and whether the files do the same. */
export interface PlannedRecording {
  readonly plan: ImportPlan
  readonly check: ImportCheck
}

/**
 * Runs another tool against a scratch database, makes a migration file of each of its migrations, and proves
 * on a second one that they make the same schema. Nothing is written yet.
 *
 * @throws {TidemarkError} TM7045, TM7046, TM7047; TM1xxx when a recorded file would be refused; TM5xxx.
 */
export async function planRecording(
  settings: Settings,
  request: Omit<RecordRequest, 'refuse'>,
): Promise<PlannedRecording> {
  const { cache: _, ...options } = shadowOptions(settings)
  const shadow = await openShadow(options)
  const recording = await recordTool(shadow, { ...request, refuse: refusalOf(settings) }).finally(() =>
    shadow.close(),
  )
  const out = settings.migrations
  const convert = (secrets: 'left_out' | 'kept', whole?: ReadonlySet<string>): Import => {
    const { migrations, findings } = divideRecording(recording, secrets)
    const place = { out: shownPath(out), trackingSchema: settings.schema, whole }
    return {
      migrations: convertProject(migrations, place),
      findings: [...findings, ...describeStop(recording)],
    }
  }
  const planned = await planFiles(out, (whole) => convert('left_out', whole))
  const check = await proveRecording(settings, convert('kept').migrations, recording, request.signal)
  const { title } = recording.history.known
  return {
    plan: {
      ...planned,
      format: title.toLowerCase(),
      title,
      source: `\`${request.command}\``,
      isRecording: true,
      history: adoptableHistory(recording.history),
    },
    check,
  }
}

/** On a server some SQL reaches beyond the scratch database. */
function refusalOf({ shadow, shadowDisposable }: Settings): RecordRequest['refuse'] {
  if (shadow === 'pglite') return () => undefined
  return (sql) => refuseOnServer(sql, shadowDisposable ? 'shadows' : 'shared')
}

function describeStop({ stopped, history }: ToolRecording): readonly Diagnostic[] {
  if (stopped === undefined) return []
  return [
    {
      code: 'TM7033',
      severity: 'warning',
      message: `the way back was recorded in part: ${stopped}`,
      source: { path: history.name, text: '' },
      help: 'a migration without a @down cannot be rolled back; write one by hand where it is needed',
    },
  ]
}
