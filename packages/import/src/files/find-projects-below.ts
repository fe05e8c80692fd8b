import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DetectedProject, detectProject } from './detect-project.ts'

/** What holds no sources, besides what is hidden. */
const PASSED_OVER = new Set(['node_modules', 'vendor', 'target', 'dist', 'build', 'out', 'coverage'])
const MAX_DEPTH = 4
const MAX_FOLDERS = 2000

/**
 * Finds the projects of other tools in the folders below one, as in the root of a monorepo: those of a known
 * tool; plain SQL only where there is no other. Links, hidden folders and folders of packages and of build
 * output are not looked at.
 *
 * @example (await findProjectsBelow(root))[0]?.folder // 'shop/services/api/migrations'
 */
export async function findProjectsBelow(root: string): Promise<readonly DetectedProject[]> {
  const found = new Map<string, DetectedProject>()
  for (const folder of await listFolders(root)) {
    for (const project of await detectProject(folder)) {
      const known = found.get(project.folder)
      if (project.hasMigrations && (known === undefined || known.format === 'plain'))
        found.set(project.folder, project)
    }
  }
  const projects = [...found.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1))
  const known = projects.filter(({ format, otherTool }) => format !== 'plain' || otherTool !== undefined)
  return known.length > 0 ? known : projects
}

async function listFolders(root: string): Promise<readonly string[]> {
  const folders: string[] = []
  let level: readonly string[] = [root]
  for (let depth = 0; depth < MAX_DEPTH && folders.length < MAX_FOLDERS; depth += 1) {
    const next = await Promise.all(level.map(listInside))
    level = next.flat()
    folders.push(...level)
  }
  return folders.slice(0, MAX_FOLDERS)
}

async function listInside(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name))
    .map(({ name }) => join(folder, name))
    .sort()
}
