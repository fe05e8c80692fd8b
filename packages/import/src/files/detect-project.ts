import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import type { ForeignFile } from '../foreign/foreign-project.ts'
import { nameOtherTool } from '../foreign/other-tools.ts'
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
  /** The tool that plain files belong to, when import does not read it. */
  readonly otherTool?: string
  /** False for a project that is set up but has no migration yet. */
  readonly hasMigrations: boolean
}

// Enough to recognise a tool by its marks, also when the first files have none.
const LOOKED_AT = 20

/**
 * Finds the other tools that keep their migrations in a project: those with migrations first, plain SQL
 * folders last. Folders with migrations of Tidemark do not count.
 *
 * @example (await detectProject(process.cwd()))[0]?.format // 'supabase'
 */
export async function detectProject(folder: string): Promise<readonly DetectedProject[]> {
  const found = new Map<string, DetectedProject>()
  for (const candidate of await listCandidates(folder)) {
    const path = resolve(folder, candidate)
    const files = await lookAt(path)
    const recognized = files && recognizeFormat({ path: withSlashes(path), files })
    if (files === undefined || recognized === undefined) continue
    const format = findSigned(folder, candidate, recognized) ?? recognized
    const otherTool = format === 'plain' ? nameOtherTool(files) : undefined
    const project = detected(format, path, true)
    found.set(path, otherTool === undefined ? project : { ...project, otherTool })
  }
  // A folder that only holds another one is not it.
  const isAround = (path: string) => [...found.keys()].some((other) => other.startsWith(path + sep))
  const projects = [...found.values()].filter(
    ({ format, folder: at }) => FORMATS[format].amid !== undefined || !isAround(at),
  )
  for (const format of FORMAT_NAMES) {
    if (projects.some((project) => project.format === format)) continue
    if (findSign(folder, format) === undefined) continue
    projects.push(detected(format, resolve(folder, FORMATS[format].folders[0] ?? '.'), false))
  }
  const rank = ({ format, hasMigrations }: DetectedProject): number =>
    (format === 'plain' ? 2 : 0) + (hasMigrations ? 0 : 1)
  return projects.sort((a, b) => rank(a) - rank(b))
}

/**
 * Says which tool wrote the files of one folder; undefined when it is not a folder, has no SQL, or has
 * migrations of Tidemark.
 *
 * @example await recognizeFolder('db/migrations') // 'dbmate'
 */
export async function recognizeFolder(folder: string): Promise<FormatName | undefined> {
  const files = await lookAt(folder)
  return files && recognizeFormat({ path: withSlashes(folder), files })
}

/** The files of a folder, with the text of the first; undefined when it is not a folder. */
async function lookAt(folder: string): Promise<readonly ForeignFile[] | undefined> {
  if (!isFolder(folder)) return undefined
  return (await readForeignFolder(folder, { limit: LOOKED_AT })).files
}

function withSlashes(path: string): string {
  return path.split('\\').join('/')
}

/** The folders that configurations name, then the usual ones. */
async function listCandidates(folder: string): Promise<readonly string[]> {
  const configured = await Promise.all(FORMAT_NAMES.map((format) => readConfiguredFolder(folder, format)))
  const usual = FORMAT_NAMES.flatMap((format) => FORMATS[format].folders)
  return [...new Set([...configured.filter((path) => path !== undefined), ...usual])]
}

async function readConfiguredFolder(folder: string, format: FormatName): Promise<string | undefined> {
  const { findFolder } = FORMATS[format]
  const sign = findFolder && findSign(folder, format)
  return sign && findFolder?.(await readFile(sign, 'utf8'))
}

/** A format whose files may look like those of another, and whose sign is there. */
function findSigned(folder: string, candidate: string, recognized: FormatName): FormatName | undefined {
  return FORMAT_NAMES.find((name) => {
    const { looksLike = [], folders } = FORMATS[name]
    return (
      looksLike.includes(recognized) && folders.includes(candidate) && findSign(folder, name) !== undefined
    )
  })
}

/** The first of a format's signs that exists. */
function findSign(folder: string, format: FormatName): string | undefined {
  const { signs = [] } = FORMATS[format]
  return signs.map((sign) => join(folder, sign)).find((path) => existsSync(path))
}

function detected(format: FormatName, folder: string, hasMigrations: boolean): DetectedProject {
  return { format, title: FORMATS[format].title, folder, hasMigrations }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
