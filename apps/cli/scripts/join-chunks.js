import { createHash } from 'node:crypto'
import { isBuiltin } from 'node:module'
import { basename } from 'node:path'
import { parse } from 'acorn'
import { ancestor as walk } from 'acorn-walk'

/** Where the id of the build stands in the text until it is known. */
export const BUILD_ID_TO_COME = '@build-id@'

/**
 * Makes one script of the chunks that esbuild split a program into along its dynamic imports, for src/main/load-compiled.ts: an object
 * with a function for each chunk, which is run when something of the chunk is first imported. A chunk asks its loader to import: code
 * that V8 kept knows no longer how to.
 *
 * @param {readonly Pick<import('esbuild').OutputFile, 'path' | 'text'>[]} chunks modules
 * @returns the script, in ASCII, since esbuild leaves other characters in regular expressions, and the id of the build
 */
export function joinChunks(chunks) {
  const converted = chunks.map(({ path, text }) => ({ name: `./${basename(path)}`, ...toFunction(text) }))
  refuseCycles(new Map(converted.map(({ name, imports }) => [name, imports])))
  const functions = converted.map(({ name, code }) => `${JSON.stringify(name)}:${code}`)
  const script = `(function (require, __filename, __dirname) { 'use strict'
const __bundleUrl = require('node:url').pathToFileURL(__filename).href
return {\n${functions.join(',\n')}\n}})\n`.replace(/[\u0080-\uffff]/g, escapeCharacter)
  const id = createHash('sha256').update(script).digest('hex').slice(0, 16)
  return { script: script.replaceAll(BUILD_ID_TO_COME, id), id }
}

/**
 * Turns a module into a function that takes what loads others and gives what it exports. It gives each name once, where a module would
 * follow a name that is assigned to later: such a name is refused.
 *
 * @param {string} text
 */
function toFunction(text) {
  const program = parse(text, { ecmaVersion: 'latest', sourceType: 'module' })
  const imports = program.body.filter((node) => node.type === 'ImportDeclaration')
  const exported = []
  const edits = []
  for (const node of program.body) {
    if (node.type === 'ExportNamedDeclaration' && node.source == null && node.declaration == null)
      exported.push(
        ...node.specifiers.map(({ local, exported: as }) => ({ local: nameOf(local), as: nameOf(as) })),
      )
    else if (node.type.startsWith('Export')) throw new Error(`a chunk has an ${node.type}`)
    else if (node.type !== 'ImportDeclaration') continue
    edits.push({ start: node.start, end: node.end, text: '' })
  }
  const locals = new Set(exported.map(({ local }) => local))
  // What runs a module that is required, and so assigns its names when that happens. It stays in the chunk that needs it.
  const late = [...locals].find((name) => name.startsWith('init_'))
  if (late !== undefined) throw new Error(`a chunk exports ${late}, which assigns to names`)
  walk(program, {
    ImportExpression: ({ start }) => edits.push({ start, end: start + 'import'.length, text: '__import' }),
    AssignmentExpression: ({ left }, _, ancestors) => {
      if (left.type === 'Identifier' && locals.has(left.name) && !ancestors.some(isLateModule))
        throw new Error(`a chunk exports ${left.name}, which is assigned to`)
    },
  })
  const results = exported.map(({ local, as }) => `${as}:${local}`)
  const required = imports.map(toRequire).join('')
  return {
    imports: imports.map(({ source }) => String(source.value)),
    code: `function(require,__import){${required}${edit(text, edits)}\nreturn{${results.join(',')}}}`,
  }
}

/** @param {import('acorn').AnyNode} node */
function isLateModule(node) {
  return (
    node.type === 'CallExpression' &&
    node.callee.type === 'Identifier' &&
    node.callee.name.startsWith('__esm')
  )
}

/**
 * A chunk that is asked for while it runs has nothing to give yet.
 *
 * @param {ReadonlyMap<string, readonly string[]>} imports
 */
function refuseCycles(imports) {
  const done = new Set()
  const visit = (/** @type {string} */ name, /** @type {readonly string[]} */ way) => {
    if (way.includes(name)) throw new Error(`chunks import each other: ${[...way, name].join(' → ')}`)
    if (done.has(name)) return
    for (const next of imports.get(name) ?? []) visit(next, [...way, name])
    done.add(name)
  }
  for (const name of imports.keys()) visit(name, [])
}

/** @param {import('acorn').ImportDeclaration} node */
function toRequire({ source, specifiers }) {
  const from = String(source.value)
  const required = `require(${JSON.stringify(from)})`
  if (specifiers.length === 0) return `${required};`
  return specifiers
    .map((specifier) => {
      const { name } = specifier.local
      if (specifier.type === 'ImportSpecifier')
        return `const ${name}=${required}.${nameOf(specifier.imported)};`
      // What is not of the bundle is of Node: its modules are their own default.
      if (specifier.type === 'ImportDefaultSpecifier' && !isBuiltin(from))
        throw new Error(`a chunk imports the default of ${from}`)
      return `const ${name}=${required};`
    })
    .join('')
}

/** @param {import('acorn').Identifier | import('acorn').Literal} node */
function nameOf(node) {
  return node.type === 'Identifier' ? node.name : String(node.value)
}

/**
 * @param {string} text
 * @param {readonly { readonly start: number, readonly end: number, readonly text: string }[]} edits
 */
function edit(text, edits) {
  let result = ''
  let at = 0
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + replacement
    at = end
  }
  return result + text.slice(at)
}

/** @param {string} character */
function escapeCharacter(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
