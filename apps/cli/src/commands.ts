import type { Command } from '@oclif/core'

/** Every command by its name, in a module that is loaded for it alone. Commands import what they need when they run. */
const MODULES: Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>> = {
  baseline: () => import('./commands/baseline.ts'),
  branches: () => import('./commands/branches.ts'),
  completion: () => import('./commands/completion.ts'),
  doctor: () => import('./commands/doctor.ts'),
  down: () => import('./commands/down.ts'),
  graph: () => import('./commands/graph.ts'),
  history: () => import('./commands/history.ts'),
  import: () => import('./commands/import.ts'),
  init: () => import('./commands/init.ts'),
  manifest: () => import('./commands/manifest.ts'),
  mark: () => import('./commands/mark.ts'),
  merge: () => import('./commands/merge.ts'),
  migrate: () => import('./commands/migrate.ts'),
  new: () => import('./commands/new.ts'),
  plan: () => import('./commands/plan.ts'),
  redo: () => import('./commands/redo.ts'),
  repair: () => import('./commands/repair.ts'),
  reset: () => import('./commands/reset.ts'),
  restore: () => import('./commands/restore.ts'),
  show: () => import('./commands/show.ts'),
  squash: () => import('./commands/squash.ts'),
  status: () => import('./commands/status.ts'),
  switch: () => import('./commands/switch.ts'),
  up: () => import('./commands/up.ts'),
  validate: () => import('./commands/validate.ts'),
  verify: () => import('./commands/verify.ts'),
  wait: () => import('./commands/wait.ts'),
}

/** The names of all commands. */
export const COMMAND_NAMES: readonly string[] = Object.keys(MODULES)

/** Loads a command; undefined where there is none of this name. */
export async function loadCommand(name: string): Promise<Command.Class | undefined> {
  if (!Object.hasOwn(MODULES, name)) return undefined
  const module = await MODULES[name]?.()
  return module?.default
}

/** Loads all commands, by name. */
export async function loadCommands(): Promise<Readonly<Record<string, Command.Class>>> {
  const modules = Object.entries(MODULES).map(async ([name, load]) => [name, (await load()).default] as const)
  return Object.fromEntries(await Promise.all(modules))
}
