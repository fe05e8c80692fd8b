import type { CheckProgress } from '@tidemark/shadow'
import { createLiveLine } from '../terminal/live-line.ts'
import type { Terminal } from '../terminal/terminal.ts'

const WORDS: Readonly<Record<CheckProgress['part'], string>> = {
  runs: 'applying to the shadow',
  order: 'trying orders',
  closure: 'trying dependencies',
  reversibility: 'going up, down and up',
  statements: 'tracing statements',
  lint: 'applying rules',
}

const BAR_CELLS = 20

/** Shows on a terminal how far a check has come, and nothing elsewhere. */
export function watchCheck({ live }: Pick<Terminal, 'live'>): {
  readonly show: (progress: CheckProgress) => void
  readonly end: () => void
} {
  const line = createLiveLine(process.stderr, live)
  line.show(() => 'starting a shadow')
  return {
    show: ({ part, done, total }) => {
      const filled = total === 0 ? 0 : Math.floor((done / total) * BAR_CELLS)
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
      line.show(() => `${bar} ${WORDS[part]}  ${done + 1} of ${total}`)
    },
    end: line.hide,
  }
}
