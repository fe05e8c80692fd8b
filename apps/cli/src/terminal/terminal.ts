import { createPaint, type Paint } from '../text/paint.ts'

/** What is known about the place that output goes to. Decided once, passed as data. */
export interface Terminal {
  /** Colours of the result (stdout). */
  readonly paint: Paint
  /** Colours of progress and problems (stderr). */
  readonly problemPaint: Paint
  /**
   * Columns of the result: of the terminal, or of `COLUMNS`; no limit where output is piped, so that nothing
   * is cut.
   */
  readonly width: number
  /** True when a line may be redrawn: stderr is a terminal and nothing says otherwise. */
  readonly live: boolean
  /** True when several lines may be redrawn: `live`, and `NO_COLOR` does not ask for plain text. */
  readonly liveTable: boolean
  /** True when a question can be asked: stdin and stderr are terminals and this is not CI. */
  readonly interactive: boolean
}

interface Stream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** What {@link describeTerminal} looks at. */
export interface TerminalSurroundings {
  readonly stdin: Stream
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Decides colours, width and liveliness. Colour needs a terminal and is off under `NO_COLOR`, `CI` and
 * `TERM=dumb`; `FORCE_COLOR` other than `0` turns it on, except against `NO_COLOR`.
 */
export function describeTerminal(place: TerminalSurroundings): Terminal {
  const { stdout, stderr, env } = place
  const quietPlace = isSet(env['CI']) || env['TERM'] === 'dumb'
  const colours = (stream: Stream): boolean => {
    if (isSet(env['NO_COLOR'])) return false
    if (isSet(env['FORCE_COLOR'])) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false'
    return stream.isTTY === true && !quietPlace
  }
  const live = stderr.isTTY === true && !quietPlace
  return {
    paint: createPaint(colours(stdout)),
    problemPaint: createPaint(colours(stderr)),
    width: widthOf(stdout, env['COLUMNS']),
    live,
    liveTable: live && !isSet(env['NO_COLOR']),
    // To look at `process.stdin` opens it, so it is looked at last.
    interactive: live && place.stdin.isTTY === true,
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

function widthOf(stdout: Stream, columns: string | undefined): number {
  if (stdout.isTTY === true) return stdout.columns || DEFAULT_WIDTH
  const named = Number(columns)
  return Number.isInteger(named) && named >= NARROWEST ? named : Number.POSITIVE_INFINITY
}

const DEFAULT_WIDTH = 80
const NARROWEST = 20
