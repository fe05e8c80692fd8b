import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { canonicalText, type Diagnostic, normalizeText, TidemarkError } from '@tidemark/core'
import { baseName, type ForeignFile } from '../foreign/foreign-project.ts'
import { isUnseen } from '../foreign/is-unseen.ts'
import { FORMATS } from '../formats.ts'

/** The files of a folder, and what is wrong with the text of some, by path. */
export interface ReadForeignFolder {
  readonly files: readonly ForeignFile[]
  readonly unreadable: ReadonlyMap<string, readonly Diagnostic[]>
}

/** How much {@link readForeignFolder} reads. */
export interface ReadFolderOptions {
  /** The most SQL files whose text is read: recognising needs a few. Default: all. */
  readonly limit?: number
}

const ALL_FORMATS = Object.values(FORMATS)

/**
 * Reads the folder of another tool with its subfolders; what is hidden and `node_modules` are named, and not
 * read. Text that is not UTF-8 is read with replacement characters and reported: whether it matters depends on
 * the format.
 *
 * @throws {TidemarkError} TM7022 for a file that cannot be read.
 * @example (await readForeignFolder('db/migrations')).files[0]?.name // '1_users.sql'
 */
export async function readForeignFolder(
  folder: string,
  { limit = Number.POSITIVE_INFINITY }: ReadFolderOptions = {},
): Promise<ReadForeignFolder> {
  const names = [...(await listNames(folder)), ...(await listBeside(folder))]
  const files: ForeignFile[] = []
  const unreadable = new Map<string, readonly Diagnostic[]>()
  let read = 0
  for (const name of names) {
    const path = shownPath(join(folder, name))
    const isSql = name.endsWith('.sql')
    if (name.startsWith('..') || isPassedOver(name) || (isSql ? read >= limit : !isReadByFormat(name))) {
      files.push({ name, path, text: undefined })
      continue
    }
    if (isSql) read += 1
    const bytes = await readFile(join(folder, name)).catch((cause: unknown) => {
      throw unreadableFile(path, cause)
    })
    const text = canonicalText(bytes, path)
    if (!text.ok) unreadable.set(path, text.error)
    files.push({ name, path, text: text.ok ? text.value : normalizeText(bytes.toString('utf8')) })
  }
  return { files, unreadable }
}

function unreadableFile(path: string, cause: unknown): TidemarkError {
  const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  const help = 'let this user read it, or remove it'
  return new TidemarkError({ code: 'TM7022', message: `"${path}" cannot be read${reason}`, help, cause })
}

/**
 * Gives a path as messages name it: relative to the working directory unless that is outside, with `/`.
 *
 * @example shownPath(join(process.cwd(), 'sql', '1_users.sql')) // 'sql/1_users.sql'
 */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return (near === '' ? '.' : near.startsWith('..') ? path : near).split(sep).join('/')
}

async function listNames(folder: string, below = ''): Promise<readonly string[]> {
  const all = await readdir(join(folder, below), { withFileTypes: true })
  const amid = ALL_FORMATS.map((format) => format.amid).find((one) =>
    all.some(({ name }) => below === '' && name === one?.sign),
  )
  const entries = all.filter(({ name }) => amid === undefined || amid.belongs.test(name))
  const names: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`
    const isFolder = entry.isSymbolicLink()
      ? await stat(join(folder, name)).then(
          (target) => target.isDirectory(),
          () => true,
        )
      : entry.isDirectory()
    if (!isFolder) names.push(name)
    else if (entry.isSymbolicLink() || isPassedOver(name)) names.push(`${name}/`)
    else names.push(...(await listNames(folder, name)))
  }
  return names
}

/** Links to folders and what {@link isUnseen} tells. */
function isPassedOver(name: string): boolean {
  return name.endsWith('/') || isUnseen(baseName(name))
}

function isReadByFormat(name: string): boolean {
  return ALL_FORMATS.some(({ reads }) => reads?.test(name))
}

/** What lies beside the usual folder of a format and belongs to its tool. */
async function listBeside(folder: string): Promise<readonly string[]> {
  const place = folder.split('\\').join('/').replace(/\/$/, '')
  const names: string[] = []
  // One of Sqitch's folders, named by itself.
  if (/(^|\/)(deploy|revert|verify)$/.test(place) && existsSync(join(folder, '../sqitch.plan'))) {
    names.push('../sqitch.plan')
  }
  for (const { folders, beside = [] } of ALL_FORMATS) {
    if (!folders.some((usual) => place.endsWith(usual))) continue
    for (const name of beside) {
      const path = join(folder, '..', name)
      if (!existsSync(path)) continue
      if (name.endsWith('.sql')) names.push(`../${name}`)
      else names.push(...(await listNames(path)).map((below) => `../${name}/${below}`))
    }
  }
  return names
}
