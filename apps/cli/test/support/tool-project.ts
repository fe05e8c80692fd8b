import { cp, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openProject, type Project } from './project.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/record', import.meta.url))
const PACKAGES = fileURLToPath(new URL('../../../../tools/other-tools/node_modules', import.meta.url))

/** Copies a small project of another tool, with the packages of that tool. */
export async function openToolProject(name: string, engine: 'none' | 'server' = 'none'): Promise<Project> {
  const project = await openProject({}, engine)
  await cp(join(FIXTURES, name), project.folder, { recursive: true })
  await symlink(PACKAGES, join(project.folder, 'node_modules'), 'junction')
  return project
}

/** Reads the files of a folder, by their names. */
export async function readFolder(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']))
}
