import { readFileSync } from 'node:fs'

/**
 * Starts the command line. Only what `--version` needs is loaded before it is known what was asked for.
 *
 * @param root the folder of the package, with package.json
 */
export async function main(root: URL): Promise<void> {
  const version = readVersion(root)
  const first = process.argv[2]
  if (first === '--version' || first === '-V') {
    process.stdout.write(`tidemark ${version} (Node ${process.version})\n`)
    return
  }
  const { runCommandLine } = await import('./command-line.ts')
  await runCommandLine(root, version)
}

function readVersion(root: URL): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : ''
}
