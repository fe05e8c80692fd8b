/** A text before and after, each as it is in its file. */
export interface EditedText {
  readonly before: string
  readonly after: string
}

/**
 * Carries an edit of a normalised text over to the text as it is in its file: a BOM and line ends of Windows stay.
 *
 * @example editRaw('a\r\nb\r\n', 'a\nb\n', 'a\nx\nb\n') // 'a\r\nx\r\nb\r\n'
 */
export function editRaw(raw: string, normalised: string, edited: string): string {
  let start = 0
  while (start < normalised.length && normalised[start] === edited[start]) start += 1
  const most = Math.min(normalised.length, edited.length) - start
  let kept = 0
  while (kept < most && normalised.at(-1 - kept) === edited.at(-1 - kept)) kept += 1
  const [from, to] = rawOffsets(raw, [start, normalised.length - kept])
  const lineEnd = /\r\n|\r|\n/.exec(raw)?.[0] ?? '\n'
  const inserted = edited.slice(start, edited.length - kept).replaceAll('\n', lineEnd)
  return raw.slice(0, from) + inserted + raw.slice(to)
}

/** Places in the text as it is, for places in the normalised one, ascending. */
function rawOffsets(raw: string, [first, second]: readonly [number, number]): readonly [number, number] {
  let at = raw.startsWith('\ufeff') ? 1 : 0
  let from = at
  for (let place = 0; place < second; place += 1) {
    if (place === first) from = at
    at += raw.startsWith('\r\n', at) ? 2 : 1
  }
  return [first === second ? at : from, at]
}

/** Lines around a change, as git shows them. */
const CONTEXT = 3

/**
 * Writes an edit as a patch that `git apply` takes.
 *
 * @param path from the root of the repository, with `/`.
 */
export function formatPatch(path: string, { before, after }: EditedText): string {
  const [old, now] = [splitLines(before), splitLines(after)]
  let start = 0
  while (start < old.length && old[start] === now[start]) start += 1
  let kept = 0
  const most = Math.min(old.length, now.length) - start
  while (kept < most && old.at(-1 - kept) === now.at(-1 - kept)) kept += 1
  const from = Math.max(0, start - CONTEXT)
  const behind = Math.min(kept, CONTEXT)
  const lines = [
    ...old.slice(from, start).map((line) => ` ${line}`),
    ...old.slice(start, old.length - kept).map((line) => `-${line}`),
    ...now.slice(start, now.length - kept).map((line) => `+${line}`),
    ...old.slice(old.length - kept, old.length - kept + behind).map((line) => ` ${line}`),
  ]
  const range = (count: number) => `${count === 0 ? from : from + 1},${count}`
  const size = (all: readonly string[]) => all.length - kept + behind - from
  return [
    `diff --git ${quote(`a/${path}`)} ${quote(`b/${path}`)}\n`,
    `--- ${quote(`a/${path}`)}${path.includes(' ') ? '\t' : ''}\n`,
    `+++ ${quote(`b/${path}`)}${path.includes(' ') ? '\t' : ''}\n`,
    `@@ -${range(size(old))} +${range(size(now))} @@\n`,
    ...lines.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)),
  ].join('')
}

/** Lines with their ends. */
function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** Names with quotes, backslashes or control characters are written as in C. */
function quote(path: string): string {
  if (!/["\\\p{Cc}]/u.test(path)) return path
  const escaped = path.replace(/["\\\p{Cc}]/gu, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return `"${escaped}"`
}
