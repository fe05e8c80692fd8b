import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NODE_MAJORS, tryNode } from './node-versions.ts'

/**
 * Packs the command line and tries it with every version of Node that was asked for.
 *
 * @returns the rows of the table in `docs/compatibility.md`, the heading first.
 */
export async function runNodes(root: string, versions: readonly string[] | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-matrix-pack-'))
  const rows: (readonly string[])[] = [['Node', 'commands tried', 'failed', 'installed size']]
  try {
    const cli = join(root, 'apps', 'cli')
    execFileSync(process.execPath, ['scripts/build.js'], { cwd: cli, stdio: 'inherit' })
    execFileSync('pnpm', ['pack', '--pack-destination', folder], { cwd: cli, stdio: 'ignore' })
    const archive = join(folder, readdirSync(folder)[0] ?? '')
    for (const major of NODE_MAJORS) {
      if (versions !== undefined && !versions.includes(major)) continue
      process.stdout.write(`Node ${major} …\n`)
      const { met, passed, failed, sizeBytes } = await tryNode(major, archive)
      for (const failure of failed) process.stdout.write(`    ${failure}\n`)
      if (failed.length > 0) process.exitCode = 1
      process.stdout.write(`  ${met}: ${passed} passed, ${failed.length} failed\n`)
      const size = `${(sizeBytes / 1_000_000).toFixed(0)} MB`
      rows.push([met, String(passed + failed.length), String(failed.length), size])
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
