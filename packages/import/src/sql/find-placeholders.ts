import { type Span, scanSql, type Token, tokens } from '@tidemark/core'

/** A place where another tool, or psql, puts the value of a variable. */
export interface Placeholder extends Span {
  readonly name: string
  /**
   * `:'name'`, `:"name"`, or `:name` in code; `quoted` for a string or identifier that is nothing but `:name`;
   * `inside` for `:name` in a longer string or in a function body.
   */
  readonly form: 'string' | 'identifier' | 'bare' | 'quoted' | 'inside'
}

const NAME = /^[A-Za-z_]\w*$/
const ONLY = /^['"]:([A-Za-z_]\w*)['"]$/

/**
 * Finds placeholders in the code of a section. A cast (`x::text`) is none, nor is a slice of an array
 * (`a[1:n]`).
 *
 * @param isName says which bare names count.
 */
export function findPlaceholders(
  text: string,
  span: Span,
  isName: (name: string) => boolean,
): readonly Placeholder[] {
  const part = text.slice(span.start, span.end)
  return scanSql(part).statements.flatMap(({ codeStart, codeEnd }) => {
    const code = [...tokens(text, { start: codeStart + span.start, end: codeEnd + span.start })]
    return code.flatMap((token, index) => readToken(text, token, code[index - 1], isName))
  })
}

function readToken(
  text: string,
  token: Token,
  before: Token | undefined,
  isName: (name: string) => boolean,
): readonly Placeholder[] {
  const { kind, start, end } = token
  const content = text.slice(start, end)
  const isQuoted = kind === 'string' || kind === 'quoted_word'
  if (before !== undefined && before.end === start && text.slice(before.start, before.end) === ':') {
    const name = isQuoted ? content.slice(1, -1) : content
    const previous = text[before.start - 1] ?? ' '
    const form = kind === 'string' ? 'string' : kind === 'quoted_word' ? 'identifier' : 'bare'
    if (form === 'bare' && (!isName(name) || /[\w\])[]/.test(previous))) return []
    return NAME.test(name) && (isQuoted || kind === 'word') ? [{ name, form, start: before.start, end }] : []
  }
  if (kind !== 'dollar_string' && !isQuoted) return []
  const [, only] = ONLY.exec(content) ?? []
  if (only !== undefined && isName(only)) return [{ name: only, form: 'quoted', start, end }]
  return [...content.matchAll(/(?<![:\w]):([A-Za-z_]\w*)/g)]
    .filter(([, name = '']) => isName(name))
    .map(({ 1: name = '', index }) => ({
      name,
      form: 'inside',
      start: start + index,
      end: start + index + name.length + 1,
    }))
}
