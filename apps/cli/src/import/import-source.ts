import { statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import {
  type DetectedProject,
  type DetectedTool,
  detectProject,
  detectToolInCode,
  FORMATS,
  type FormatName,
  findProjectsBelow,
  recognizeFolder,
  shownPath,
} from '@tidemark/import'

/** What is imported, and from where. */
export interface ImportSource {
  readonly format: FormatName
  /** Absolute. */
  readonly folder: string
}

/**
 * Finds the folder and the format that are meant when not both are named.
 *
 * @throws {TidemarkError} TM7020 or TM7021 when the named folder is none, TM7030 when nothing fits what was
 *   asked for.
 */
export async function findImportSource(
  format: FormatName | undefined,
  from: string | undefined,
): Promise<ImportSource> {
  if (from === undefined) return searchProject(format)
  const folder = resolve(from)
  requireFolder(folder)
  const recognized = await recognizeFolder(folder)
  if (format === undefined) {
    if (recognized !== undefined) return { format: recognized, folder }
    const inside = (await detectProject(folder)).find(({ hasMigrations }) => hasMigrations)
    if (inside !== undefined) return inside
    throw await nothing(undefined, folder, [])
  }
  if (contradicts(format, recognized)) {
    const inside = (await detectProject(folder)).find(
      (project) => project.format === format && project.hasMigrations,
    )
    if (inside !== undefined) return inside
    throw await nothing(format, folder, recognized === undefined ? [] : [{ format: recognized, folder }])
  }
  return { format, folder }
}

async function searchProject(format: FormatName | undefined): Promise<ImportSource> {
  const all = await detectProject(process.cwd())
  const projects = all.filter(({ hasMigrations }) => hasMigrations)
  const wanted = projects.find((project) => format === undefined || project.format === format)
  if (wanted !== undefined) return wanted
  const below = (await findProjectsBelow(process.cwd())).filter(
    (project) => format === undefined || project.format === format,
  )
  if (below.length > 0) throw several(below)
  throw await nothing(format, process.cwd(), projects)
}

const MAX_LISTED = 20

/** The root of a monorepo: which project is meant is not ours to guess. */
function several(projects: readonly DetectedProject[]): TidemarkError {
  const commands = projects
    .slice(0, MAX_LISTED)
    .map(({ format, folder }) => `\`tidemark import ${format} --from ${shownPath(folder)}\``)
  const rest = projects.length - commands.length
  return new TidemarkError({
    code: 'TM7030',
    message: `there is no migration of another tool in this folder itself; ${projects.length === 1 ? '1 folder' : `${projects.length} folders`} below it ${projects.length === 1 ? 'has' : 'have'} some`,
    help: `choose one, and an \`--out\` of its own: ${commands.join(', ')}${rest === 0 ? '' : `, and ${rest} more`}`,
  })
}

/** Every format may be read as plain files; and some formats have files without a mark. */
function contradicts(format: FormatName, recognized: FormatName | undefined): boolean {
  if (recognized === undefined) return true
  if (format === recognized || format === 'plain') return false
  return FORMATS[format].looksLike?.includes(recognized) !== true
}

function requireFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) return
  throw new TidemarkError({
    code: found === undefined ? 'TM7020' : 'TM7021',
    message: `"${shownPath(folder)}" ${found === undefined ? 'does not exist' : 'is a file'}`,
    help: 'name the folder with the migrations of the other tool: `--from FOLDER`',
  })
}

async function nothing(
  format: FormatName | undefined,
  folder: string,
  others: readonly Pick<DetectedProject, 'format' | 'folder'>[],
): Promise<TidemarkError> {
  const what = format === undefined ? 'migration of a known tool' : `migration of ${FORMATS[format].title}`
  const where = relative(process.cwd(), folder) === '' ? 'this folder' : `"${shownPath(folder)}"`
  const [other] = others
  const tool = other === undefined ? await findToolInCode(folder) : undefined
  const help =
    other !== undefined
      ? `there is ${FORMATS[other.format].title}: \`tidemark import ${other.format} --from ${shownPath(other.folder)}\``
      : tool !== undefined
        ? `there is ${tool.title} (${tool.sign}), whose migrations import does not read: ${tool.wayOver}`
        : format === undefined
          ? 'name the tool and its folder: `tidemark import dbmate --from db/migrations`'
          : `name the folder with its migrations: \`tidemark import ${format} --from ${FORMATS[format].folders[0]}\``
  return new TidemarkError({ code: 'TM7030', message: `there is no ${what} in ${where}`, help })
}

/** The tool of a folder of migrations may show only in the folder of the project. */
async function findToolInCode(folder: string): Promise<DetectedTool | undefined> {
  return (await detectToolInCode(folder)) ?? (await detectToolInCode(process.cwd()))
}
