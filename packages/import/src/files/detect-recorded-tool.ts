import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RECORDED_TOOLS, recordCommand } from '../foreign/recorded-tools.ts'

/** A tool that import does not read, and the way to its migrations. */
export interface DetectedTool {
  /** The tool, as people write it. */
  readonly title: string
  /** The file or package that says so. */
  readonly sign: string
  /** The command that records what the tool sends. */
  readonly record: string
}

/**
 * Names the tool of a project, or of a folder of migrations, that import does not read: by its configuration,
 * its files, or the packages that the project depends on.
 *
 * @example (await detectRecordedTool('shop'))?.record // "tidemark import --record 'npx knex migrate:latest'"
 */
export async function detectRecordedTool(folder: string): Promise<DetectedTool | undefined> {
  const names = await listNames(folder)
  const packages = await readPackages(folder)
  const found =
    findFirst(({ signs }) => signs.find((sign) => existsSync(join(folder, sign)))) ??
    findFirst(({ files }) => names.find((name) => files?.test(name))) ??
    findFirst((tool) => tool.packages.find((name) => packages.has(name)))
  return found
}

function findFirst(
  signOf: (tool: (typeof RECORDED_TOOLS)[number]) => string | undefined,
): DetectedTool | undefined {
  for (const tool of RECORDED_TOOLS) {
    const sign = signOf(tool)
    if (sign !== undefined) return { title: tool.title, sign, record: recordCommand(tool.title) ?? '' }
  }
  return undefined
}

/** The folders in which tools keep migrations in code, and the folder itself. */
const PLACES = [
  '',
  'migrations',
  'db/migrate',
  'src/migrations',
  'src/migration',
  'db/migrations',
  'versions',
  'alembic/versions',
]

async function listNames(folder: string): Promise<readonly string[]> {
  const lists = PLACES.map(async (place) => {
    const entries = await readdir(join(folder, place)).catch(() => [])
    return entries.sort().map((name) => (place === '' ? name : `${place}/${name}`))
  })
  return (await Promise.all(lists)).flat()
}

async function readPackages(folder: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '')
  return new Set([...text.matchAll(/"((?:@[\w.-]+\/)?[\w.-]+)"\s*:/g)].map(([, name = '']) => name))
}
