import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import { addTargetFlags } from '../text/target-flags.ts'
import type { SquashOutcome } from './squash.ts'

/**
 * Writes what a squash replaces, what was decided on the way, and what is left to do; for a look, its text.
 */
export function presentSquash({ json, text }: SquashOutcome, paint: Paint, targetFlags: string): string {
  if (json.state === 'shown') return text
  const replaces = `replaces ${count(json.replaces.length, 'migration')}, ${json.replaces[0]} to ${json.replaces.at(-1)}`
  const after = json.dependsOn.length === 0 ? '' : `; depends on ${json.dependsOn.join(', ')}`
  const lines = [
    `${paint.green('✓')} ${json.path}  (${replaces}${after})`,
    ...json.notes.map((note) => `  ${paint.yellow('!')} ${note}`),
    '',
    ...(json.deleted.length === 0
      ? describeNext(json.id).map((line) => addTargetFlags(line, targetFlags))
      : [`${count(json.deleted.length, 'file')} deleted.`]),
  ]
  return lines.join('\n')
}

function describeNext(id: string): readonly string[] {
  return [
    'It is ignored as long as one of those files is there. Once every database has them, delete them:',
    `\`tidemark squash ${id} --delete\`. A database then records the squash with its next`,
    '`tidemark up`, and an empty one runs it.',
  ]
}
