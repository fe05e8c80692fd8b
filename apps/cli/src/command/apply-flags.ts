import * as Flags from '@oclif/core/flags'
import type { ApplyOptions } from '@tidemark/core'
import { quoteForShell } from '../text/target-flags.ts'

/** Flags that choose what `up` and `plan` take. */
export const APPLY_FLAGS = {
  target: Flags.string({ char: 't', summary: 'This migration and what it needs.', helpValue: 'ID' }),
  steps: Flags.integer({ char: 'n', summary: 'At most this many, in plan order.', helpValue: 'N', min: 1 }),
  tag: Flags.string({
    summary: 'Migrations with this tag and what they need.',
    helpValue: 'TAG',
    multiple: true,
  }),
  blocking: Flags.boolean({ summary: 'Stop before migrations that no readiness gate waits for.' }),
  rerun: Flags.string({
    summary: 'Apply a `Run: on_change` migration again.',
    helpValue: 'ID',
    multiple: true,
  }),
  strict: Flags.boolean({ summary: 'Refuse when an applied migration has no file.' }),
}

interface ApplyFlagValues {
  readonly target?: string | undefined
  readonly steps?: number | undefined
  readonly tag?: readonly string[] | undefined
  readonly blocking?: boolean
  readonly rerun?: readonly string[] | undefined
  readonly strict?: boolean
}

/** Turns the flags into the options of a plan. */
export function applyOptionsOf(flags: ApplyFlagValues): ApplyOptions {
  return {
    target: flags.target,
    steps: flags.steps,
    tags: flags.tag,
    blocking: flags.blocking === true ? true : undefined,
    rerun: flags.rerun,
    strict: flags.strict === true ? true : undefined,
  }
}

/**
 * Writes a command that takes what the flags chose, so that what a plan suggests is what it showed.
 *
 * @example withChoice('tidemark up', { target: '004_tags', blocking: true }) // 'tidemark up --target 004_tags --blocking'
 */
export function withChoice(command: string, flags: ApplyFlagValues): string {
  const { target, steps, tag = [], blocking, rerun = [], strict } = flags
  const named = (name: string, values: readonly (string | number)[]) =>
    values.map((value) => `--${name} ${quoteForShell(String(value))}`)
  return [
    command,
    ...named('target', target === undefined ? [] : [target]),
    ...named('steps', steps === undefined ? [] : [steps]),
    ...named('tag', tag),
    ...(blocking === true ? ['--blocking'] : []),
    ...named('rerun', rerun),
    ...(strict === true ? ['--strict'] : []),
  ].join(' ')
}
