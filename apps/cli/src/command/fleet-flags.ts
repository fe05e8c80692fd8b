import * as Flags from '@oclif/core/flags'
import { TidemarkError } from '@tidemark/core'
import { CREATE_SCHEMA_FLAG, RUN_FLAGS } from './common-flags.ts'
import { BACKUP_FLAGS } from './operation-flags.ts'
import { ROLLBACK_FLAGS } from './rollback-flags.ts'

/** What `tidemark fleet` can do. */
export const FLEET_ACTIONS = ['status', 'plan', 'up', 'down', 'history'] as const

/** One of {@link FLEET_ACTIONS}. */
export type FleetAction = (typeof FLEET_ACTIONS)[number]

const choosing = 'TARGETS'

/** Flags of `tidemark fleet`; see {@link refuseOtherFlags} for which action takes which. */
export const FLEET_FLAGS = {
  only: Flags.string({
    summary: 'Only the targets of these names.',
    helpValue: 'NAME…',
    multiple: true,
    helpGroup: choosing,
  }),
  tag: Flags.string({
    summary: 'Only targets with this tag; repeatable.',
    helpValue: 'TAG',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: choosing,
  }),
  wave: Flags.string({
    summary: 'up, down: only this wave, such as ring:canary; repeatable.',
    helpValue: 'WAVE',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: choosing,
  }),
  'retry-failed': Flags.boolean({
    summary: 'up, down: only targets whose last attempt failed, and those that cannot be read.',
    helpGroup: choosing,
  }),
  csv: Flags.boolean({ summary: 'Write the result as CSV.', exclusive: ['json'] }),
  'json-lines': Flags.boolean({
    summary: 'up, down: write each event as one line of JSON, and the result as the last.',
    exclusive: ['json', 'csv'],
  }),
  'dry-run': Flags.boolean({ summary: 'up, down: show the plans and change nothing.' }),
  reason: Flags.string({
    summary: 'up, down: write this reason into the history of each target.',
    helpValue: 'TEXT',
  }),
  limit: Flags.integer({
    summary: 'history: show at most N rollouts (50).',
    helpValue: 'N',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  }),
  ...ROLLBACK_FLAGS,
  ...CREATE_SCHEMA_FLAG,
  ...BACKUP_FLAGS,
  ...RUN_FLAGS,
}

const ROLLOUT = ['wave', 'retry-failed', 'json-lines', 'dry-run', 'reason', 'backup']

/** The flags that only some actions take. */
const OWN: Readonly<Record<string, readonly FleetAction[]>> = {
  ...Object.fromEntries(ROLLOUT.map((name) => [name, ['up', 'down']])),
  ...Object.fromEntries(Object.keys(ROLLBACK_FLAGS).map((name) => [name, ['down']])),
  limit: ['history'],
}

/**
 * Refuses flags that an action would pass over.
 *
 * @throws {TidemarkError} TM7008.
 */
export function refuseOtherFlags(action: FleetAction, flags: Readonly<Record<string, unknown>>): void {
  const other = Object.keys(OWN).find(
    (name) => flags[name] !== undefined && OWN[name]?.includes(action) === false,
  )
  if (other === undefined) return
  throw new TidemarkError({
    code: 'TM7008',
    message: `\`tidemark fleet ${action}\` takes no --${other}`,
    help: `--${other} is a flag of ${OWN[other]?.map((name) => `\`fleet ${name}\``).join(' and ')}`,
  })
}
