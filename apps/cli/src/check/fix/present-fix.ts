import type { Terminal } from '../../terminal/terminal.ts'
import { wrapText } from '../../text/wrap-text.ts'
import type { FixedFile, FixOutcome } from './fix-outcome.ts'

/** Writes what was changed in files, and last the patch for those that were not written. */
export function presentFix(
  { written, left, patch }: FixOutcome,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
): string {
  if (written.length + left.length === 0)
    return 'nothing to fix: no finding is about a dependency, or a statement that can be replaced'
  const lines = [
    ...written.map((file) => `${paint.green('✓')} ${file.path}  ${describe(file, 'now')}`),
    ...left.map(
      (file) =>
        `${paint.yellow('!')} ${file.path}  not written, since ${file.why}: ${describe(file, 'should')}`,
    ),
  ].map((line) => wrapText(line, width))
  const ends = patch === null ? [] : ['', 'The patch, for `git apply`:', '', patch]
  return [...lines, ...ends].join('\n')
}

function describe({ add, remove, rewritten }: FixedFile, when: 'now' | 'should'): string {
  const words = when === 'now' ? ['now depends on', 'no longer depends on'] : ['add', 'remove']
  return [
    ...(add.length === 0 ? [] : [`${words[0]} ${add.join(', ')}`]),
    ...(remove.length === 0 ? [] : [`${words[1]} ${remove.join(', ')}`]),
    ...(rewritten.length === 0 ? [] : [describeRewritten(rewritten, when)]),
  ].join('; ')
}

function describeRewritten(lines: readonly number[], when: 'now' | 'should'): string {
  const [statements, verb] =
    lines.length === 1 ? ['the statement of line', 'is'] : ['the statements of lines', 'are']
  return when === 'now'
    ? `${statements} ${lines.join(', ')} ${verb} replaced, and the schema is the same`
    : `replace ${statements} ${lines.join(', ')}`
}
