import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('../../../packages/', import.meta.url))

/** The indexes of our packages, which do nothing but name what their modules export. */
const INDEXES = {
  '@tidemark/core': 'core/src/index.ts',
  '@tidemark/core/node': 'core/src/node/index.ts',
  '@tidemark/pg-driver': 'pg-driver/src/index.ts',
  '@tidemark/pg-driver/engine': 'pg-driver/src/engine.ts',
}

/**
 * Imports from our packages lead to the module that a name comes from, and not through the package's index, which runs every module of
 * the package. What a command does not use is then never run.
 *
 * @type {import('esbuild').Plugin}
 */
export const directImports = {
  name: 'direct-imports',
  async setup(build) {
    const modules = new Map()
    for (const [specifier, path] of Object.entries(INDEXES))
      modules.set(specifier, await readIndex(join(PACKAGES, path)))
    build.onLoad(
      { filter: /[\\/](?:apps[\\/]cli|packages[\\/][\w-]+)[\\/]src[\\/].*\.ts$/ },
      async ({ path }) => ({
        contents: importDirectly(await readFile(path, 'utf8'), modules),
        loader: 'ts',
      }),
    )
  },
}

const IMPORT = /^import \{([^}]*)\} from '([^']+)'$/gm
const LATE_IMPORT = /const \{ (\w+) \} = await import\('([^']+)'\)/g

/**
 * @param {string} source
 * @param {ReadonlyMap<string, ReadonlyMap<string, string>>} modules
 */
function importDirectly(source, modules) {
  return source
    .replace(IMPORT, (whole, names, specifier) => {
      const index = modules.get(specifier)
      if (index === undefined) return whole
      return listNames(names)
        .filter(({ isType }) => !isType)
        .map(
          ({ name, local }) =>
            `import { ${name} as ${local} } from ${JSON.stringify(find(index, name, specifier))}`,
        )
        .join(';')
    })
    .replace(LATE_IMPORT, (whole, name, specifier) => {
      const index = modules.get(specifier)
      if (index === undefined) return whole
      return `const { ${name} } = await import(${JSON.stringify(find(index, name, specifier))})`
    })
}

/**
 * @param {ReadonlyMap<string, string>} index
 * @param {string} name
 * @param {string} specifier
 */
function find(index, name, specifier) {
  const path = index.get(name)
  if (path === undefined) throw new Error(`${specifier} exports no "${name}"`)
  return path
}

/**
 * Gives the module of each name that an index exports.
 *
 * @param {string} path
 */
async function readIndex(path) {
  const source = await readFile(path, 'utf8')
  const exported = new Map()
  for (const [, names = '', from = ''] of source.matchAll(/^export \{([^}]*)\} from '([^']+)'$/gm))
    for (const { name, local } of listNames(names))
      if (name === local) exported.set(name, join(dirname(path), from))
  return exported
}

/** @param {string} list */
function listNames(list) {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
    .map((item) => {
      const [, type, name = '', local = name] = /^(type )?(\w+)(?: as (\w+))?$/.exec(item) ?? []
      return { isType: type !== undefined, name, local }
    })
}
