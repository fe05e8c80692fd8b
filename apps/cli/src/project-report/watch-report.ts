import { createLiveLine } from '../terminal/live-line.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Shows on a terminal how far a report has come, and nothing elsewhere. */
export function watchReport({ live }: Pick<Terminal, 'live'>): {
  readonly show: (progress: { readonly done: number; readonly total: number }) => void
  readonly end: () => void
} {
  const line = createLiveLine(process.stderr, live)
  line.show(() => 'reading files and database')
  return {
    show: ({ done, total }) => line.show(() => `executing on a shadow  ${done + 1} of ${total}`),
    end: line.hide,
  }
}
