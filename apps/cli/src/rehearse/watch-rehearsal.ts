import type { RehearsalProgress } from '@tidemark/shadow'
import { createLiveLine } from '../terminal/live-line.ts'
import type { Terminal } from '../terminal/terminal.ts'

const WORDS: Readonly<Record<Exclude<RehearsalProgress['kind'], 'running'>, string>> = {
  reading: 'reading the database',
  copying: 'copying its schema to a shadow',
  planning_queries: 'planning queries',
}

/** Shows on a terminal how far a rehearsal has come, and nothing elsewhere. */
export function watchRehearsal({ live }: Pick<Terminal, 'live'>): {
  readonly show: (progress: RehearsalProgress) => void
  readonly end: () => void
} {
  const line = createLiveLine(process.stderr, live)
  return {
    show: (progress) =>
      line.show(() =>
        progress.kind === 'running'
          ? `rehearsing  ${progress.done + 1} of ${progress.total}`
          : WORDS[progress.kind],
      ),
    end: line.hide,
  }
}
