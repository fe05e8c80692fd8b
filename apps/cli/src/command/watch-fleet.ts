import type { Settings } from '../config/settings.ts'
import { fleetEventToJson } from '../fleet/fleet-to-json.ts'
import { type RolloutWatch, watchRollout } from '../fleet/watch-rollout.ts'
import { createLiveLine } from '../terminal/live-line.ts'
import type { Runtime } from './runtime.ts'

/** What {@link watchFleet} needs. */
export interface WatchFleetOptions {
  readonly settings: Pick<Settings, 'logFile' | 'logLevel'>
  readonly runtime: Runtime
  readonly quiet: boolean
  /** An event a line on stdout, in the place of everything that is for people. */
  readonly jsonLines: boolean
}

/** Shows a rollout on stderr, or as lines of JSON on stdout, and writes the structured log. */
export async function watchFleet(options: WatchFleetOptions): Promise<RolloutWatch> {
  const watches = [options.jsonLines ? WRITE_JSON_LINES : onTerminal(options), ...(await logging(options))]
  return {
    onEvent: (event) => {
      for (const watch of watches) watch.onEvent(event)
    },
    onRunEvent: (name, event) => {
      for (const watch of watches) watch.onRunEvent(name, event)
    },
  }
}

const WRITE_JSON_LINES: RolloutWatch = {
  onEvent: (event) => void process.stdout.write(`${JSON.stringify(fleetEventToJson(event))}\n`),
  onRunEvent: () => undefined,
}

function onTerminal({ runtime: { terminal }, quiet }: WatchFleetOptions): RolloutWatch {
  return watchRollout({
    live: terminal.liveTable && !quiet ? createLiveLine(process.stderr, true) : undefined,
    paint: terminal.problemPaint,
    line: quiet ? () => undefined : (line) => void process.stderr.write(`${line}\n`),
    clock: () => performance.now(),
  })
}

async function logging({ settings, runtime }: WatchFleetOptions): Promise<readonly RolloutWatch[]> {
  if (settings.logFile === undefined && settings.logLevel === undefined) return []
  const { createLog } = await import('../log/create-log.ts')
  const { logRunEvent } = await import('../log/log-run-event.ts')
  const { logFleetEvent, logOfTarget } = await import('../log/log-rollout.ts')
  const log = await createLog(settings, runtime.redactor)
  return [
    {
      onEvent: (event) => logFleetEvent(log, event),
      onRunEvent: (name, event) => logRunEvent(logOfTarget(log, name), event),
    },
  ]
}
