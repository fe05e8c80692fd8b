import { tokens } from '@tidemark/core'

/**
 * Puts literals in the places of a statement's parameters. What the grammar allows around a parameter, but not
 * around a cast, gets parentheses.
 *
 * @example inlineParameters('SELECT $1', ["'5'::integer"]) // "SELECT '5'::integer"
 */
export function inlineParameters(text: string, literals: readonly string[]): string {
  let inlined = ''
  let at = 0
  for (const { start, end } of tokens(text)) {
    const number = /^\$(\d+)$/.exec(text.slice(start, end))?.[1]
    const literal = literals[Number(number) - 1]
    if (number === undefined || literal === undefined) continue
    const stands =
      /(?:^|[(,=]|\bTHEN|\bELSE)\s*$/i.test(text.slice(0, start)) && /^\s*(?:[,);]|$)/.test(text.slice(end))
    inlined += `${text.slice(at, start)}${stands ? literal : `(${literal})`}`
    at = end
  }
  return inlined + text.slice(at)
}
