import type { Command } from '@oclif/core'

/** Every command by its name. Its module, with all that it imports, is loaded for it alone. */
const MODULES: Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>> = {
  baseline: () => import('../commands/record/baseline.ts'),
  branches: () => import('../commands/files/branches.ts'),
  check: () => import('../commands/files/check.ts'),
  completion: () => import('../commands/files/completion.ts'),
  dev: () => import('../commands/apply/dev.ts'),
  doctor: () => import('../commands/inspect/doctor.ts'),
  down: () => import('../commands/apply/down.ts'),
  drift: () => import('../commands/inspect/drift.ts'),
  fleet: () => import('../commands/apply/fleet.ts'),
  graph: () => import('../commands/files/graph.ts'),
  history: () => import('../commands/inspect/history.ts'),
  import: () => import('../commands/files/import.ts'),
  init: () => import('../commands/files/init.ts'),
  manifest: () => import('../commands/files/manifest.ts'),
  mark: () => import('../commands/record/mark.ts'),
  merge: () => import('../commands/files/merge.ts'),
  migrate: () => import('../commands/apply/migrate.ts'),
  new: () => import('../commands/files/new.ts'),
  plan: () => import('../commands/inspect/plan.ts'),
  redo: () => import('../commands/apply/redo.ts'),
  rehearse: () => import('../commands/inspect/rehearse.ts'),
  repair: () => import('../commands/record/repair.ts'),
  report: () => import('../commands/inspect/report.ts'),
  reset: () => import('../commands/apply/reset.ts'),
  restore: () => import('../commands/apply/restore.ts'),
  shadow: () => import('../commands/inspect/shadow.ts'),
  show: () => import('../commands/files/show.ts'),
  snapshot: () => import('../commands/files/snapshot.ts'),
  squash: () => import('../commands/files/squash.ts'),
  status: () => import('../commands/inspect/status.ts'),
  studio: () => import('../commands/inspect/studio.ts'),
  switch: () => import('../commands/apply/switch.ts'),
  up: () => import('../commands/apply/up.ts'),
  validate: () => import('../commands/files/validate.ts'),
  verify: () => import('../commands/inspect/verify.ts'),
  wait: () => import('../commands/inspect/wait.ts'),
}

/** Other names that people type. */
const ALIASES: Readonly<Record<string, string>> = {
  apply: 'up',
  create: 'new',
  deploy: 'up',
  generate: 'new',
  rollback: 'down',
}

/** The names of all commands. */
export const COMMAND_NAMES: readonly string[] = Object.keys(MODULES)

/** Every word that can follow `tidemark`: commands and their aliases. */
export const COMMAND_WORDS: readonly string[] = [...COMMAND_NAMES, ...Object.keys(ALIASES), 'help', 'version']

/** Gives the name of the command that a word means: itself, or the command of which it is an alias. */
export function nameOfCommand(word: string): string {
  return (Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined) ?? word
}

/** Lists the aliases of a command. */
export function aliasesOf(name: string): readonly string[] {
  return Object.keys(ALIASES).filter((alias) => ALIASES[alias] === name)
}

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
