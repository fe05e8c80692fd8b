import * as Args from '@oclif/core/args'
import { FLEET_ACTIONS, FLEET_FLAGS, queueRequestOf, refuseOtherFlags } from '../../command/fleet-flags.ts'
import { FleetQueueCommand } from '../../command/fleet-queue-command.ts'
import { ACCEPT_FLAGS, rollbackRequestOf } from '../../command/rollback-flags.ts'

export default class Fleet extends FleetQueueCommand {
  static override summary = 'Migrate many databases and schemas: status, plan, up, down.'
  static override description =
    'One folder of migrations for all targets of `fleet` in the configuration. `status`: how many targets are at which version, and which are behind. `plan`: what would run, equal plans together. `up`: apply what is pending, wave after wave; when more targets have failed than `maxFailures`, nothing more begins. `down`: roll back. `history`: rollouts, from the records of the targets. With `fleet.queue`, `up` and `down` give the targets to workers, which `work` starts, and watch; `cancel` ends a rollout. Running it again is safe: targets that are current are passed over. The exit code is 1 when a target failed.'
  static override examples = [
    { description: 'Which targets are behind', command: '<%= config.bin %> fleet status' },
    { description: 'Apply what is pending everywhere', command: '<%= config.bin %> fleet up' },
    { description: 'A new tenant', command: '<%= config.bin %> fleet up --only acme' },
    { description: 'The first wave alone', command: '<%= config.bin %> fleet up --wave ring:canary' },
    { description: 'After the cause is fixed', command: '<%= config.bin %> fleet up --retry-failed' },
    { description: 'Roll the last migration back', command: '<%= config.bin %> fleet down --tag eu' },
    { description: 'A worker of the queue', command: '<%= config.bin %> fleet work --concurrency 4' },
    { description: 'Watch the rollout in the queue', command: '<%= config.bin %> fleet up --attach' },
  ]
  static override args = {
    action: Args.string({
      description: `One of ${FLEET_ACTIONS.join(', ')}.`,
      required: true,
      options: [...FLEET_ACTIONS],
    }),
    rollout: Args.string({
      description: 'cancel, --attach, --pause, --resume: the id, or its beginning (the open one).',
    }),
  }
  static override flags = { ...FLEET_FLAGS, ...ACCEPT_FLAGS }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Fleet)
    const action = FLEET_ACTIONS.find((one) => one === args.action) ?? 'status'
    refuseOtherFlags(action, flags)
    const request = queueRequestOf(action, flags, args.rollout)
    const settings = await this.settings(flags)
    const { csv } = flags
    const choice = {
      only: flags.only,
      tags: namesOf(flags.tag),
      signal: this.runtime.interrupts.signal,
    }
    const fleet = this.fleetOf(settings, flags)
    if (action === 'work') return this.work(fleet, flags)
    if (action === 'status') return this.showStatus(fleet, choice, csv)
    if (action === 'history') return this.showHistory(fleet, choice, { csv, limit: flags.limit ?? 50 })
    const rollback = action === 'down' ? rollbackRequestOf(flags) : undefined
    if (action === 'plan' || flags['dry-run']) return this.showPlans(fleet, { ...choice, rollback }, csv)
    const rollout = {
      choice: {
        ...choice,
        waves: namesOf(flags.wave),
        retryFailed: flags['retry-failed'],
        reason: flags.reason,
      },
      csv,
      jsonLines: flags['json-lines'],
      flags,
    }
    if (request !== undefined)
      return this.askQueue(fleet, settings, { request, rollout: args.rollout, shown: rollout })
    if (rollback === undefined) return this.migrateAll(fleet, settings, rollout)
    return this.rollBackAll(fleet, settings, { ...rollout, rollback, accepted: namesOf(flags.accept) })
  }
}

/** Names given one by one, or with commas. */
function namesOf(given: readonly string[] = []): readonly string[] {
  return given.flatMap((value) => value.split(',')).filter((name) => name !== '')
}
