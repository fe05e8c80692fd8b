import { readFile } from 'node:fs/promises'

// What the sources take from @oclif/core; its index loads all the rest as well.
const ENTRY = `
export { Command } from '@oclif/core/command'
export { Config } from '@oclif/core/config'
export * as Args from '@oclif/core/args'
export * as Flags from '@oclif/core/flags'
`

/**
 * Makes oclif start fast: only the parts that are used, each loaded when it is first needed and not with the first command. Its
 * modules are compiled TypeScript, so each `const name = require("x")` is asked for through `name` alone.
 *
 * @type {import('esbuild').Plugin}
 */
export const slimOclif = {
  name: 'slim-oclif',
  setup(build) {
    build.onResolve({ filter: /^@oclif\/core$/ }, ({ resolveDir }) => ({
      path: 'entry',
      namespace: 'slim-oclif',
      pluginData: resolveDir,
    }))
    build.onLoad({ filter: /.*/, namespace: 'slim-oclif' }, ({ pluginData }) => ({
      contents: ENTRY,
      resolveDir: pluginData,
    }))
    build.onLoad({ filter: /@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, async ({ path }) => ({
      contents: requireLate(await readFile(path, 'utf8')),
      loader: 'js',
    }))
  },
}

const REQUIRE = /^(?:const|var) (\w+) = ((?:__importStar|__importDefault)?\(?require\("[^"]+"\)\)?);$/gm

/** @param {string} source */
function requireLate(source) {
  const names = [...source.matchAll(REQUIRE)].map(([, name]) => name)
  const declared = source.replace(
    REQUIRE,
    (_, name, value) => `let $${name}; function ${name}() { return $${name} ??= ${value} }`,
  )
  if (names.length === 0) return source
  const use = new RegExp(`(?<![$.\\w])(?<!function )(${names.join('|')})\\b(?!\\s*\\(\\) \\{)`, 'g')
  return declared.replace(use, '($1())')
}
