import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src', import.meta.url))

/** One name that an entry point exports, with the docstring of its declaration. */
export interface ExportedName {
  readonly name: string
  readonly kind: 'function' | 'class' | 'const' | 'interface' | 'type'
  /** Relative to `src`. */
  readonly module: string
  readonly docstring: string | undefined
  readonly examples: readonly string[]
}

/** Reads what an entry point (`index.ts`, `node/index.ts`) exports, from the source. */
export function readExports(entry: string): readonly ExportedName[] {
  const text = readFileSync(join(source, entry), 'utf8')
  const statements = text.matchAll(/export (?:type )?\{([^}]+)\} from '([^']+)'/g)
  return [...statements].flatMap(([, names = '', path = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter(Boolean)
      .map((name) => describe(name, join(dirname(entry), path))),
  )
}

function describe(name: string, module: string): ExportedName {
  const text = readFileSync(join(source, module), 'utf8')
  const declaration = new RegExp(
    `(/\\*\\*(?:[^*]|\\*(?!/))*\\*/\\s*)?\\nexport (?:async )?(function|class|const|interface|type)\\*? ${name}\\b`,
  ).exec(`\n${text}`)
  if (declaration === null) throw new Error(`${name} is not declared in ${module}`)
  const [, comment, kind] = declaration
  const lines = comment?.split('\n').map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*) ?|\s*\*\/\s*$/g, ''))
  const docstring = lines?.join('\n').trim()
  const examples = docstring?.split(/^@(?=\w)/m).filter((tag) => tag.startsWith('example')) ?? []
  return {
    name,
    kind: kind === 'function' || kind === 'class' || kind === 'const' || kind === 'interface' ? kind : 'type',
    module: module.replaceAll('\\', '/'),
    docstring: docstring === '' ? undefined : docstring,
    examples: examples.map((example) => example.slice('example'.length).trim()),
  }
}
