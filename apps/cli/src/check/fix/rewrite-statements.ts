import { type Migration, withoutTransaction } from '@tidemark/core'
import type { FileEdit } from './collect-edits.ts'

/**
 * Says why the statements of a file cannot be replaced; null where they can. Each of them becomes a transaction of its
 * own, so that nothing else may be in the file.
 */
export function whyNotRewritten({
  migration: { header, up },
  rewrites,
}: Pick<FileEdit, 'migration' | 'rewrites'>): string | null {
  if (rewrites.size === 0) return null
  if ((header.variables ?? []).length > 0) return 'its statements have variables'
  const isAlone = up.statements.every((_, place) => rewrites.has(place))
  if (isAlone || header.transaction === 'none') return null
  return 'its other statements need the transaction: move these into a file of their own'
}

/**
 * Replaces statements of an `@up`, each by some that are transactions of their own, and says so in the header.
 *
 * @returns the normalised text.
 */
export function rewriteStatements(
  { source, up, header }: Pick<Migration, 'source' | 'up' | 'header'>,
  rewrites: FileEdit['rewrites'],
): string {
  const { text } = source
  const head = header.transaction === 'none' ? text : withoutTransaction({ source, up })
  const moved = head.length - text.length
  return [...rewrites]
    .sort(([a], [b]) => b - a)
    .reduce((edited, [place, statements]) => {
      const { codeStart, codeEnd } = up.statements[place] ?? { codeStart: 0, codeEnd: 0 }
      const sql = statements.map((one) => `${one};`).join('\n')
      return edited.slice(0, codeStart + moved) + sql + edited.slice(codeEnd + moved)
    }, head)
}
