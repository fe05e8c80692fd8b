import type { Diagnostic } from '@tidemark/core'
import { unclearDirection } from '../../foreign/findings.ts'
import type { NamedFile } from './named-files.ts'

/** Words for taking away, with those for what they take away again. */
const OPPOSITES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    delete: ['add', 'create', 'insert'],
    destroy: ['create', 'make'],
    detach: ['attach'],
    disable: ['enable'],
    drop: ['add', 'create', 'make'],
    remove: ['add', 'apply', 'create', 'install'],
    teardown: ['setup'],
    undeploy: ['deploy'],
    uninstall: ['install'],
    unload: ['load'],
    unset: ['set'],
  }),
)

/**
 * Finds files that take away again what another file makes, by their names: `install_x` and `uninstall_x`, `V1_x`
 * and `U1_x`. Of different numbers they are two steps; otherwise one may be the way back of the other.
 *
 * @returns TM7035 for each of them.
 */
export function findOppositeNames(files: readonly NamedFile[]): readonly Diagnostic[] {
  const byName = new Map(files.map((entry) => [nameOf(entry), entry]))
  return files.flatMap((entry) => {
    const other = oppositesOf(nameOf(entry))
      .map((name) => byName.get(name))
      .find(Boolean)
    if (other === undefined) return []
    const { path, text } = entry.file
    const message = `its name is the opposite of "${other.file.path}", so it may be the way back of that file`
    const help = `if it goes back, name it as ${JSON.stringify(backNameOf(other))}; if both go forward, number them`
    return [unclearDirection({ path, text }, undefined, message, help)]
  })
}

function nameOf({ file }: NamedFile): string {
  return file.name.replace(/\.sql$/i, '').toLowerCase()
}

function backNameOf({ file }: NamedFile): string {
  return file.path.replace(/\.sql$/i, '.down.sql')
}

/** The names that the opposite of a file would have. */
function oppositesOf(name: string): readonly string[] {
  const words = name.split(/(?<=[._/-])|(?=[._/-])/)
  const byWord = words.flatMap((word, index) =>
    (OPPOSITES.get(word) ?? []).map((opposite) => words.with(index, opposite).join('')),
  )
  const [prefix, letter, rest] = /^(?:(.*\/)?([ru]))(\d.*)$/.exec(name)?.slice(1) ?? []
  if (letter === undefined) return byWord
  return [...byWord, ...['', 'v', 'd'].map((other) => `${prefix ?? ''}${other}${rest}`)]
}
