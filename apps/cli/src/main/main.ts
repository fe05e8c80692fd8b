import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildId } from '../cache/build-id.ts'
import type * as commandLine from './command-line.ts'

/**
 * Starts the command line. Only what `--version` needs is loaded before it is known what was asked for.
 *
 * @param root the folder of the package, with package.json
 */
export async function main(root: string): Promise<void> {
  const version = readVersion(root)
  const first = process.argv[2]
  if (first === '--version' || first === '-V') {
    process.stdout.write(`tidemark ${version} (Node ${process.version})\n`)
    return
  }
  const { loadCompiled } = await import('./load-compiled.ts')
  const path = join(root, 'dist', 'command-line.cjs')
  const { runCommandLine } = loadCompiled<typeof commandLine>({
    path,
    entry: './command-line.js',
    buildId,
    use: first ?? 'help',
  })
  await runCommandLine(pathToFileURL(`${root}/`), version)
}

function readVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : ''
}
