import * as Flags from '@oclif/core/flags'
import type { RollbackRequest } from '@tidemark/core'

const others = (name: string): string[] =>
  ['steps', 'to', 'target', 'run', 'all'].filter((other) => other !== name)

/** Flags that choose what `down` rolls back; one step without any. */
export const ROLLBACK_FLAGS = {
  steps: Flags.integer({
    char: 'n',
    summary: 'Roll back the last N migrations (1).',
    helpValue: 'N',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    exclusive: others('steps'),
  }),
  to: Flags.string({
    summary: 'Roll back everything applied after this migration.',
    helpValue: 'ID',
    exclusive: others('to'),
  }),
  target: Flags.string({
    char: 't',
    summary: 'Roll back only this migration.',
    helpValue: 'ID',
    exclusive: others('target'),
  }),
  cascade: Flags.boolean({
    summary: 'With --target, also roll back what depends on it.',
    dependsOn: ['target'],
  }),
  run: Flags.string({
    summary: 'Roll back everything one run applied: its id, or `last` for the last run of up.',
    helpValue: 'RUN',
    exclusive: others('run'),
  }),
  all: Flags.boolean({ summary: 'Roll back everything.', exclusive: others('all') }),
}

/** What lets a command roll back what was recorded without being executed. */
export const BASELINE_FLAGS = {
  'beyond-baseline': Flags.string({
    summary: 'Also roll back this migration, which was recorded without being executed; asks without an ID.',
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
  }),
}

/** What lets a command roll back on a protected database what is known to lose something. */
export const ACCEPT_FLAGS = {
  accept: Flags.string({
    summary:
      'On a protected database, roll back this migration although a check found that it loses something or fails; repeatable.',
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
  }),
}

/** Gives the flag an empty value where it was given none: then its names are asked for. */
export function completeBaselineFlag(argv: readonly string[]): string[] {
  return argv.map((word, place) => {
    const next = argv[place + 1]
    const isBare = word === '--beyond-baseline' && (next === undefined || next.startsWith('-'))
    return isBare ? `${word}=` : word
  })
}

interface RollbackFlagValues {
  readonly steps?: number | undefined
  readonly to?: string | undefined
  readonly target?: string | undefined
  readonly cascade?: boolean
  readonly run?: string | undefined
  readonly all?: boolean
}

/** Turns the flags into a request. */
export function rollbackRequestOf(flags: RollbackFlagValues): RollbackRequest {
  if (flags.to !== undefined) return { kind: 'to', id: flags.to }
  if (flags.target !== undefined) {
    return { kind: 'target', id: flags.target, dependents: flags.cascade === true ? 'cascade' : 'refuse' }
  }
  if (flags.run !== undefined) return { kind: 'run', runId: flags.run }
  if (flags.all === true) return { kind: 'all' }
  return { kind: 'steps', count: flags.steps ?? 1 }
}
