import type { ReportMigration } from '@tidemark/report'

const WORDS: Readonly<Record<NonNullable<ReportMigration['state']>, string>> = {
  applied: 'applied',
  pending: 'pending',
  failed: 'failed',
  running: 'running',
  half_rolled_back: 'half rolled back',
  changed: 'changed',
  orphaned: 'file is gone',
  elsewhere: 'elsewhere',
}

/** The state of a migration in words. */
export function stateWords(state: ReportMigration['state']): string {
  return state === null ? 'not compared' : WORDS[state]
}

/** The class of a state, `none` where no database was read. */
export function stateClass(state: ReportMigration['state']): string {
  return state === null ? 'none' : state.replaceAll('_', '-')
}

/** A state, by colour and word. */
export function StateChip({ state }: { readonly state: ReportMigration['state'] }) {
  return <span class={`chip state-${stateClass(state)}`}>{stateWords(state)}</span>
}
