import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeWayOver, TOOLS_IN_CODE } from '../foreign/tools-in-code.ts'

/** A tool that import does not read, and the way to its migrations. */
export interface DetectedTool {
  /** The tool, as people write it. */
  readonly title: string
  /** The file or package that says so. */
  readonly sign: string
  /** How the project moves over. */
  readonly wayOver: string
}

/**
 * Names the tool of a project, or of a folder of migrations, that import does not read: by its configuration,
 * its files, or the packages that the project depends on.
 *
 * @example (await detectToolInCode('shop'))?.title // 'Knex'
 */
export async function detectToolInCode(folder: string): Promise<DetectedTool | undefined> {
  const names = await listNames(folder)
  const packages = await readPackages(folder)
  const found =
    findFirst(({ signs }) => signs.find((sign) => existsSync(join(folder, sign)))) ??
    findFirst(({ files }) => names.find((name) => files?.test(name))) ??
    findFirst((tool) => tool.packages.find((name) => packages.has(name)))
  return found
}

function findFirst(
  signOf: (tool: (typeof TOOLS_IN_CODE)[number]) => string | undefined,
): DetectedTool | undefined {
  for (const tool of TOOLS_IN_CODE) {
    const sign = signOf(tool)
    if (sign !== undefined) return { title: tool.title, sign, wayOver: describeWayOver(tool.title) ?? '' }
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
