import type { StatementFacts } from './facts.ts'

/** What one kind of command contributes to the facts; what is absent is the plain default. */
export type FactsPart = Partial<Omit<StatementFacts, 'command'>>

/** What is known of a statement of which nothing is known. */
export const NO_FACTS: Omit<StatementFacts, 'command'> = {
  isQuery: false,
  transactionControl: undefined,
  refusesTransaction: undefined,
  destructions: [],
  indexBuild: undefined,
  concurrentReindex: undefined,
  concurrentDetach: undefined,
  loadsData: false,
  copy: undefined,
  strongLocks: [],
  createdTable: undefined,
  enablesRowSecurity: undefined,
  sessionTouches: [],
}
