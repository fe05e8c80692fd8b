import type { ArenaDatabase } from './arena.ts'
import type { Children } from './bundle.ts'
import { type Child, startChild } from './child.ts'
import { startCommandLine } from './command-line.ts'
import type { Random } from './random.ts'

/**
 * Who applies: a small script over the library, or the built command line with its own handling of signals.
 */
export type Applier = 'library' | 'command line'

/** Starts a process that applies everything pending, commits each or grouped. */
export function startApply(
  applier: Applier,
  run: { readonly database: ArenaDatabase; readonly folder: string },
  { random, children }: { readonly random: Random; readonly children: Children },
): Child {
  const commits = random.chance(0.3) ? 'grouped' : 'each'
  const task = { url: run.database.url, folder: run.folder, commits }
  return applier === 'library'
    ? startChild(children.path('apply'), task)
    : startCommandLine(children.commandLine, task)
}
