import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { FORMAT_NAMES, FORMATS, type FormatName } from '../formats.ts'
import { recognizeFormat } from '../recognize-format.ts'
import { readForeignFolder } from './read-foreign-files.ts'

/** A project of another tool. */
export interface DetectedProject {
  readonly format: FormatName
  /** The tool, as people write it. */
  readonly title: string
  /** Where its migrations are, or will be: absolute. */
  readonly folder: string
  /** False for a project that is set up but has no migration yet. */
  readonly hasMigrations: boolean
}

/** Files that are there as soon as a project is set up, before the first migration. */
const SIGNS: readonly (readonly [FormatName, readonly string[]])[] = [
  ['supabase', ['supabase/config.toml']],
  ['prisma', ['prisma/schema.prisma', 'schema.prisma', 'prisma.config.ts']],
  ['drizzle', ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs', 'drizzle.config.json']],
  ['flyway', ['flyway.toml', 'flyway.conf', 'conf/flyway.conf']],
  ['dbmate', ['.dbmate']],
]

// Enough to tell a tool by its marks, also when the first files have none.
const LOOKED_AT = 20

/**
 * Finds out which other tools keep their migrations in a project, those with migrations first. Plain SQL folders come last.
 * Folders with migrations of Tidemark are none.
 *
 * @example (await detectProject(process.cwd()))[0]?.format // 'supabase'
 */
export async function detectProject(folder: string): Promise<readonly DetectedProject[]> {
  const found = new Map<string, DetectedProject>()
  for (const candidate of await listCandidates(folder)) {
    const path = resolve(folder, candidate)
    const format = await recognizeFolder(path)
    if (format !== undefined) found.set(path, detected(format, path, true))
  }
  // A folder that only holds another one is not it.
  const isAround = (path: string) => [...found.keys()].some((other) => other.startsWith(path + sep))
  const projects = [...found.values()].filter((project) => !isAround(project.folder))
  for (const [format, signs] of SIGNS) {
    if (projects.some((project) => project.format === format)) continue
    if (!signs.some((sign) => existsSync(join(folder, sign)))) continue
    projects.push(detected(format, resolve(folder, FORMATS[format].folders[0] ?? '.'), false))
  }
  const rank = ({ format, hasMigrations }: DetectedProject): number =>
    (format === 'plain' ? 2 : 0) + (hasMigrations ? 0 : 1)
  return projects.sort((a, b) => rank(a) - rank(b))
}

/** Tells which tool wrote the files of one folder; undefined when it is no folder, has no SQL, or has migrations of Tidemark. */
export async function recognizeFolder(folder: string): Promise<FormatName | undefined> {
  if (!isFolder(folder)) return undefined
  const { files } = await readForeignFolder(folder, { limit: LOOKED_AT })
  const format = recognizeFormat(files, folder.split('\\').join('/'))
  return format === 'tidemark' ? undefined : format
}

async function listCandidates(folder: string): Promise<readonly string[]> {
  const known = FORMAT_NAMES.flatMap((format) => FORMATS[format].folders)
  return [...new Set([...(await readDrizzleOut(folder)), ...known])]
}

/** The folder that drizzle.config names: its text is searched, never executed. */
async function readDrizzleOut(folder: string): Promise<readonly string[]> {
  const names = SIGNS.find(([format]) => format === 'drizzle')?.[1] ?? []
  const name = names.find((candidate) => existsSync(join(folder, candidate)))
  if (name === undefined) return []
  const out = /["']?\bout["']?\s*:\s*["'`]([^"'`]+)["'`]/.exec(await readFile(join(folder, name), 'utf8'))
  return out?.[1] === undefined ? [] : [out[1]]
}

function detected(format: FormatName, folder: string, hasMigrations: boolean): DetectedProject {
  return { format, title: FORMATS[format].title, folder, hasMigrations }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
