import * as Flags from '@oclif/core/flags'
import type { RollbackRequest } from '@tidemark/core'

const others = (name: string): string[] =>
  ['steps', 'to', 'target', 'run', 'all'].filter((other) => other !== name)

/** Flags that choose what `down` rolls back; one step without any. */
export const ROLLBACK_FLAGS = {
  steps: Flags.integer({
    char: 'n',
    summary: 'This many, the latest first.',
    helpValue: 'N',
    min: 1,
    exclusive: others('steps'),
  }),
  to: Flags.string({
    summary: 'All that was applied after this one.',
    helpValue: 'ID',
    exclusive: others('to'),
  }),
  target: Flags.string({ char: 't', summary: 'This one.', helpValue: 'ID', exclusive: others('target') }),
  cascade: Flags.boolean({ summary: 'With --target: what depends on it as well.', dependsOn: ['target'] }),
  run: Flags.string({
    summary: 'All that one run applied: `last`, or its id.',
    helpValue: 'RUN',
    exclusive: others('run'),
  }),
  all: Flags.boolean({ summary: 'Everything.', exclusive: others('all') }),
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
