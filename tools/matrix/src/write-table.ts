import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Replaces the table of an axis in `docs/compatibility.md`, between its two comments; the first row is the
 * heading.
 */
export function replaceTable(root: string, axis: string, rows: readonly (readonly string[])[]): void {
  const path = join(root, 'docs', 'compatibility.md')
  const page = readFileSync(path, 'utf8')
  const [start, end] = [`<!-- matrix:${axis} -->`, `<!-- /matrix:${axis} -->`]
  const [before, rest] = splitOnce(page, start)
  const [, after] = splitOnce(rest, end)
  writeFileSync(path, `${before}${start}\n${toTable(rows)}\n${end}${after}`)
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  if (at === -1) throw new Error(`docs/compatibility.md has no "${separator}"`)
  return [text.slice(0, at), text.slice(at + separator.length)]
}

function toTable([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n')
}
