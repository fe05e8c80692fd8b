import { cut } from '../present/table.ts'

/** One line at the bottom of a terminal that is redrawn while something runs. Does nothing where there is no terminal. */
export interface LiveLine {
  /** Shows what runs now; the function is asked again several times a second. */
  show(text: () => string): void
  /** Takes the line away, so that other output can be written; {@link show} brings it back. */
  hide(): void
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const INTERVAL_MS = 100

/** Creates a {@link LiveLine} on a stream. */
export function createLiveLine(stream: NodeJS.WriteStream, enabled: boolean): LiveLine {
  if (!enabled) return { show: () => {}, hide: () => {} }
  let timer: NodeJS.Timeout | undefined
  let frame = 0
  const hide = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    stream.write('\r\u001b[2K')
  }
  return {
    hide,
    show: (text) => {
      hide()
      const draw = (): void => {
        frame = (frame + 1) % FRAMES.length
        stream.write(`\r\u001b[2K ${FRAMES[frame]} ${cut(text(), (stream.columns || 80) - 4)}`)
      }
      draw()
      timer = setInterval(draw, INTERVAL_MS)
      timer.unref()
    },
  }
}
