import { tokens } from '@tidemark/core'

/** Gives the code of a function or DO block with its dollar quotes; empty where it is not written so. */
export function codeBody(text: string): string {
  for (const { kind, start, end } of tokens(text)) {
    if (kind === 'dollar_string') return text.slice(start, end)
  }
  return ''
}
