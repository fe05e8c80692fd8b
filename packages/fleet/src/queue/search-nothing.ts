import { parse } from 'node:path'

const cwd = process.cwd

// When graphile-worker is loaded it looks for configuration in the working directory and all folders above, and
// executes what it finds: in a folder below one that others may write, that is their code. From the root
// nothing but the root is searched.
process.cwd = () => parse(cwd()).root

/** Gives the working directory back; to be called once graphile-worker is loaded. */
export function giveBackFolder(): void {
  process.cwd = cwd
}
