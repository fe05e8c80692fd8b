// Part of the build of each library: writes for every `.d.ts` of dist/ the `.d.cts` that programs in CommonJS
// need. What they load is the same ES module; only TypeScript asks for types in the format of the importer.
// The compiler leaves `.ts` in the imports of declarations, which old compilers do not resolve.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const dist = process.argv[2] ?? 'dist'

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue
  const text = readFileSync(join(dist, name), 'utf8')
  writeFileSync(join(dist, name.replace(/\.ts$/, '.cts')), withEnding(text, 'cjs'))
  writeFileSync(join(dist, name), withEnding(text, 'js'))
}

/**
 * Gives relative imports an ending.
 *
 * @param {string} text
 * @param {string} ending
 */
function withEnding(text, ending) {
  return text.replace(
    /((?:\bfrom|\bimport\(|\bimport) ?['"]\.{1,2}\/[^'"]*)\.(?:js|ts)(['"])/g,
    `$1.${ending}$2`,
  )
}
