import * as Flags from '@oclif/core/flags'
import type { ApplyOptions } from '@tidemark/core'
import { quoteForShell } from '../text/target-flags.ts'

/** Flags that choose what `up` and `plan` take. */
export const APPLY_FLAGS = {
  target: Flags.string({
    char: 't',
    summary: 'Apply only this migration and what it needs.',
    helpValue: 'ID',
  }),
  steps: Flags.integer({
    char: 'n',
    summary: 'Apply at most N migrations, in plan order (all).',
    helpValue: 'N',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  }),
  tag: Flags.string({
    summary: 'Apply only migrations with this tag and what they need; repeatable.',
    helpValue: 'TAG',
    multiple: true,
  }),
  blocking: Flags.boolean({
    summary: 'Leave out migrations with `Blocking: false`, which no readiness gate waits for.',
  }),
  rerun: Flags.string({
    summary: 'Apply a `Run: on_change` migration again; repeatable.',
    helpValue: 'ID',
    multiple: true,
  }),
  strict: Flags.boolean({ summary: 'Refuse to run when an applied migration has no file.' }),
}

interface ApplyFlagValues {
  readonly plan?: string | undefined
  readonly 'any-target'?: boolean
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
  const { target, steps, tag = [], blocking, rerun = [], strict, plan } = flags
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
    ...named('plan', plan === undefined ? [] : [plan]),
    ...(flags['any-target'] === true ? ['--any-target'] : []),
  ].join(' ')
}
