import * as Flags from '@oclif/core/flags'
import { TidemarkError } from '@tidemark/core'
import { CREATE_SCHEMA_FLAG, RUN_FLAGS } from './common-flags.ts'
import { BACKUP_FLAGS } from './operation-flags.ts'
import { ROLLBACK_FLAGS } from './rollback-flags.ts'

/** What `tidemark fleet` can do. */
export const FLEET_ACTIONS = ['status', 'plan', 'up', 'down', 'history', 'work', 'cancel'] as const

/** One of {@link FLEET_ACTIONS}. */
export type FleetAction = (typeof FLEET_ACTIONS)[number]

const choosing = 'TARGETS'
const queueing = 'QUEUE'

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
  attach: Flags.boolean({
    summary: 'up: watch a rollout that is in the queue.',
    helpGroup: queueing,
    exclusive: ['pause', 'resume'],
  }),
  pause: Flags.boolean({
    summary: 'up: let nothing more of a rollout begin, until --resume.',
    helpGroup: queueing,
    exclusive: ['resume'],
  }),
  resume: Flags.boolean({ summary: 'up: go on with a paused rollout.', helpGroup: queueing }),
  'allow-down': Flags.boolean({ summary: 'work: take rollbacks, too.', helpGroup: queueing }),
  concurrency: Flags.integer({
    summary: 'work: how many targets at a time (fleet.concurrency, else 16).',
    helpValue: 'N',
    min: 1,
    max: 1000,
    helpGroup: queueing,
  }),
  csv: Flags.boolean({ summary: 'Write the result as CSV.', exclusive: ['json'] }),
  'json-lines': Flags.boolean({
    summary: 'up, down, work: write each event as one line of JSON, and the result as the last.',
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

const ROLLOUT = ['wave', 'retry-failed', 'dry-run', 'reason', 'backup']
const QUEUE = ['attach', 'pause', 'resume'] as const
const CHOOSING = ['only', 'tag', 'csv', 'create-schema']
const OF_TARGETS = ['status', 'plan', 'up', 'down', 'history'] as const
const WORK = ['allow-down', 'concurrency']

/** The flags that only some actions take. */
const OWN: Readonly<Record<string, readonly FleetAction[]>> = {
  ...Object.fromEntries(ROLLOUT.map((name) => [name, ['up', 'down']])),
  ...Object.fromEntries(Object.keys(ROLLBACK_FLAGS).map((name) => [name, ['down']])),
  limit: ['history'],
  'json-lines': ['up', 'down', 'work'],
  ...Object.fromEntries(CHOOSING.map((name) => [name, OF_TARGETS])),
  'create-schema': [...OF_TARGETS, 'work'],
  ...Object.fromEntries(QUEUE.map((name) => [name, ['up']])),
  ...Object.fromEntries(WORK.map((name) => [name, ['work']])),
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

/** What is asked of a rollout that is in the queue. */
export type QueueRequest = 'attach' | 'pause' | 'resume' | 'cancel'

/**
 * Reads what is asked of a rollout that is in the queue; undefined where something else is.
 *
 * @throws {TidemarkError} TM7008 for a rollout that an action would pass over.
 */
export function queueRequestOf(
  action: FleetAction,
  flags: Readonly<Record<string, unknown>>,
  rollout: string | undefined,
): QueueRequest | undefined {
  const request = action === 'cancel' ? action : QUEUE.find((name) => flags[name] === true)
  if (request === undefined && rollout !== undefined) {
    throw new TidemarkError({
      code: 'TM7008',
      message: `\`tidemark fleet ${action}\` takes no rollout: "${rollout}"`,
      help: 'targets are named with --only; a rollout is named after cancel, and with --attach, --pause and --resume',
    })
  }
  const other = [...ROLLOUT, ...CHOOSING].find((name) => flags[name] !== undefined && flags[name] !== false)
  const isKept = other === 'csv' && request === 'attach'
  if (request === undefined || other === undefined || isKept) return request
  throw new TidemarkError({
    code: 'TM7008',
    message: `--${request} takes no --${other}`,
    help: 'the rollout is in the queue as it was started; a new one is started without this flag',
  })
}
