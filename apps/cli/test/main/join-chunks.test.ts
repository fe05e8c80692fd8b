import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { BUILD_ID_TO_COME, joinChunks } from '../../scripts/join-chunks.js'

type Load = (specifier: string) => unknown
type Chunks = Readonly<Record<string, (require: Load, importModule: Load) => unknown>>

function join(chunks: Readonly<Record<string, string>>) {
  return joinChunks(Object.entries(chunks).map(([name, text]) => ({ path: `/draft/${name}.js`, text })))
}

/** Runs chunks as src/main/load-compiled.ts does, without what V8 kept. */
function run(chunks: Readonly<Record<string, string>>, entry: string): unknown {
  const outside = createRequire(import.meta.url)
  const open: Chunks = new Script(join(chunks).script).runInThisContext()(
    outside,
    '/app/dist/all.cjs',
    '/app/dist',
  )
  const loaded = new Map<string, unknown>()
  const load: Load = (specifier) => {
    if (!Object.hasOwn(open, specifier)) return outside(specifier)
    if (!loaded.has(specifier))
      loaded.set(
        specifier,
        open[specifier]?.(load, async (name) => load(name)),
      )
    return loaded.get(specifier)
  }
  return load(`./${entry}.js`)
}

test('names are imported and exported under others, from chunks and from Node, and chunks run when they are asked for', async () => {
  const exported = run(
    {
      main: 'import{b as c}from"./b.js";import path,{sep}from"path";import*as os from"node:os";var d=()=>import("./late.js");export{c as default,d as late,e};function e(){return[path.sep===sep,typeof os.tmpdir]}',
      b: 'globalThis.ran=(globalThis.ran??"")+"b";var b=7;export{b};',
      late: 'import"./b.js";globalThis.ran+="late";var late="import(x)";export{late};',
    },
    'main',
  )
  expect(exported).toMatchObject({ default: 7 })
  expect(Reflect.get(globalThis, 'ran')).toBe('b')
  const { late, e } = exported as { late: () => Promise<unknown>; e: () => unknown }
  expect(e()).toEqual([true, 'function'])
  expect(await late()).toEqual({ late: 'import(x)' })
  expect(Reflect.get(globalThis, 'ran')).toBe('blate')
  Reflect.deleteProperty(globalThis, 'ran')
})

test('the script is ASCII, and its id is that of its text', () => {
  const { script, id } = join({ main: `var a=/[é–]/u.test("–"),b="${BUILD_ID_TO_COME}";export{a,b};` })
  expect(script).toMatch(/^[\n\x20-\x7e]*$/)
  expect(script).toContain(`b="${id}"`)
  expect(join({ main: 'export{a};var a=1' }).id).not.toBe(join({ main: 'export{a};var a=2' }).id)
})

test.each([
  [
    'imports of each other',
    { a: 'import"./b.js";', b: 'import"./a.js";' },
    /import each other: \.\/a\.js → \.\/b\.js → \.\/a\.js/,
  ],
  [
    'a name that is assigned to later',
    { a: 'var a=1;function f(){a=2}export{a,f};' },
    /exports a, which is assigned to/,
  ],
  ['a module that runs late', { a: 'var a,init_a=__esm({x(){a=1}});export{a,init_a};' }, /exports init_a/],
  ['the default of what is not of Node', { a: 'import x from"jiti";export{x};' }, /the default of jiti/],
  ['an export of another chunk', { a: 'export*from"./b.js";' }, /ExportAllDeclaration/],
])('%s is refused when it is built', (_, chunks, message) => {
  expect(() => join(chunks)).toThrow(message)
})

test('a late module that its chunk keeps for itself may assign', () => {
  expect(run({ a: 'var a,init_b=__esm({x(){a=2}});function __esm(m){m.x()}export{a};' }, 'a')).toEqual({
    a: 2,
  })
})
