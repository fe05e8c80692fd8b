import type { Command } from '@oclif/core'
import Baseline from './commands/baseline.ts'
import Branches from './commands/branches.ts'
import Completion from './commands/completion.ts'
import Doctor from './commands/doctor.ts'
import Down from './commands/down.ts'
import Graph from './commands/graph.ts'
import History from './commands/history.ts'
import Import from './commands/import.ts'
import Init from './commands/init.ts'
import Manifest from './commands/manifest.ts'
import Mark from './commands/mark.ts'
import Merge from './commands/merge.ts'
import Migrate from './commands/migrate.ts'
import New from './commands/new.ts'
import Plan from './commands/plan.ts'
import Redo from './commands/redo.ts'
import Repair from './commands/repair.ts'
import Reset from './commands/reset.ts'
import Restore from './commands/restore.ts'
import Show from './commands/show.ts'
import Squash from './commands/squash.ts'
import Status from './commands/status.ts'
import Switch from './commands/switch.ts'
import Up from './commands/up.ts'
import Validate from './commands/validate.ts'
import Verify from './commands/verify.ts'
import Wait from './commands/wait.ts'

/** Every command by its name: the explicit map that oclif loads. Commands import what they need when they run. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  baseline: Baseline,
  branches: Branches,
  completion: Completion,
  doctor: Doctor,
  down: Down,
  graph: Graph,
  history: History,
  import: Import,
  init: Init,
  manifest: Manifest,
  mark: Mark,
  merge: Merge,
  migrate: Migrate,
  new: New,
  plan: Plan,
  redo: Redo,
  repair: Repair,
  reset: Reset,
  restore: Restore,
  show: Show,
  squash: Squash,
  status: Status,
  switch: Switch,
  up: Up,
  validate: Validate,
  verify: Verify,
  wait: Wait,
}
