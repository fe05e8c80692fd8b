import { type DescribedCommand, describeCommands } from '../completion/command-manifest.ts'
import { aliasesOf, loadCommands } from './commands.ts'

/** Describes all commands: the build writes the result into `dist/commands.json`. */
export async function describeAllCommands(): Promise<readonly DescribedCommand[]> {
  return describeCommands(await loadCommands(), aliasesOf)
}
