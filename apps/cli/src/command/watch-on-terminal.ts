import { describeAction, type RunEvent, type TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { presentStepFailure } from '../failure/present-step-failure.ts'
import { presentExtent } from '../plan/present-plan.ts'
import { createRunView } from '../run/run-view.ts'
import { type RunWatch, watchRun } from '../run/watch-run.ts'
import { createLiveLine } from '../terminal/live-line.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { presentHeading, targetToJson } from '../text/target.ts'
import { wrapText } from '../text/wrap-text.ts'
import type { Runtime } from './runtime.ts'

/** What {@link watchOnTerminal} needs. */
export interface WatchOptions {
  readonly settings: Pick<Settings, 'logFile' | 'logLevel'>
  readonly runtime: Runtime
  readonly targetFlags: string
  /** False where the plan was shown already. */
  readonly heading: boolean
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** Called when a failure was written in full, so that it is not reported twice. */
  readonly onReported: (error: TidemarkError) => void
}

/**
 * Shows a run on the terminal and writes the structured log. The result goes to stdout, everything else to
 * stderr.
 */
export async function watchOnTerminal(options: WatchOptions): Promise<RunWatch> {
  const { runtime, json, quiet } = options
  const { terminal } = runtime
  const progress = (line: string): void => void process.stderr.write(`${line}\n`)
  const view = createRunView({
    live: createLiveLine(process.stderr, terminal.live && !quiet && !json),
    paint: json ? terminal.problemPaint : terminal.paint,
    width: terminal.width,
    verbose: options.verbose,
    result: quiet ? () => {} : json ? progress : (line) => void process.stdout.write(`${line}\n`),
    progress: quiet ? () => {} : progress,
    failure: (line, error) => {
      progress(line)
      options.onReported(error)
    },
    heading: options.heading ? createHeading(terminal) : () => undefined,
    clock: () => performance.now(),
    describeFailure: (error) =>
      presentStepFailure(error, { paint: terminal.problemPaint, targetFlags: options.targetFlags }),
  })
  return watchRun([view, ...(await logListener(options))])
}

function createHeading({ paint, width }: Pick<Terminal, 'paint' | 'width'>) {
  let target: Extract<RunEvent, { readonly kind: 'connected' }>['target'] | undefined
  return (event: Extract<RunEvent, { readonly kind: 'connected' | 'planned' }>): string | undefined => {
    if (event.kind === 'connected') target = event.target
    if (event.kind === 'connected' || target === undefined) return undefined
    const steps = event.plan.steps.map((step) => ({ action: describeAction(step) }))
    const extent = presentExtent({ ...event.plan, steps })
    return wrapText(presentHeading(targetToJson(target), extent, paint.bold), width)
  }
}

async function logListener({
  settings,
  runtime,
}: WatchOptions): Promise<readonly ((event: RunEvent) => void)[]> {
  if (settings.logFile === undefined && settings.logLevel === undefined) return []
  const { createLog } = await import('../log/create-log.ts')
  const { logRunEvent } = await import('../log/log-run-event.ts')
  const log = await createLog(settings, runtime.redactor)
  return [(event) => logRunEvent(log, event)]
}
