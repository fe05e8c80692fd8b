import { createLiveLine } from '../terminal/live-line.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { formatElapsed } from '../text/duration.ts'
import { presentObservation } from './present-wait.ts'
import type { WaitObservation } from './wait-until-current.ts'

/** Shows what is waited for: redrawn on a terminal, elsewhere a line whenever it changes. */
export interface WaitingWatch {
  readonly show: (observation: WaitObservation) => void
  readonly hide: () => void
}

/** Creates a {@link WaitingWatch} on a stream. */
export function watchWaiting(
  stream: NodeJS.WriteStream,
  { live, quiet }: Pick<Terminal, 'live'> & { readonly quiet: boolean },
): WaitingWatch {
  const line = createLiveLine(stream, live && !quiet)
  const startedAt = performance.now()
  let said = ''
  return {
    show: (observation) => {
      const text = `waiting: ${presentObservation(observation)}`
      if (text === said) return
      said = text
      if (live || quiet) return line.show(() => `${formatElapsed(performance.now() - startedAt)}  ${text}`)
      stream.write(`${text}\n`)
    },
    hide: () => line.hide(),
  }
}
