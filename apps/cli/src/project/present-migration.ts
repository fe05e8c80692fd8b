import { formatBatches, maskSecrets } from '@tidemark/core'
import type { ShowJson } from '../schema/file-schemas.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'

/**
 * Writes one migration for people: its header with defaults, its place in the graph, and each section as it
 * will be sent, without passwords.
 */
export function presentMigration(shown: ShowJson, paint: Paint): string {
  const { header } = shown
  const facts: readonly (readonly [string, string])[] = [
    ['file', shown.path],
    ['type', header.type],
    ['depends on', list(header.dependsOn)],
    ['dependents', list(shown.dependents)],
    ['transaction', header.transaction],
    ['run', header.run === 'once' ? 'once' : 'whenever it changes'],
    ['reversible', shown.reversible ? 'yes' : 'no'],
    ['blocking', header.blocking ? 'yes' : 'no: a readiness gate does not wait for it'],
    ...(header.batches === undefined ? [] : [['batches', formatBatches(header.batches)] as const]),
    ...(header.role === null ? [] : [['role', header.role] as const]),
    ...(header.lockTimeoutMs === null ? [] : [['lock timeout', `${header.lockTimeoutMs} ms`] as const]),
    ...(header.statementTimeoutMs === null
      ? []
      : [['statement timeout', `${header.statementTimeoutMs} ms`] as const]),
    ...(header.replaces.length === 0 ? [] : [['replaces', list(header.replaces)] as const]),
    ...(header.tags.length === 0 ? [] : [['tags', list(header.tags)] as const]),
    ...(header.environments === undefined ? [] : [['environments', list(header.environments)] as const]),
    ...(header.variables === undefined
      ? []
      : [
          [
            'variables',
            header.variables.map(({ name, secret }) => (secret ? `${name} (secret)` : name)).join(', '),
          ] as const,
        ]),
    ['checksum', shown.checksum],
  ]
  const width = Math.max(...facts.map(([name]) => name.length)) + 2
  return [
    `${paint.bold(shown.id)}  ${header.description}`,
    '',
    ...facts.map(([name, value]) => `  ${paint.dim(name.padEnd(width))}${value}`),
    ...section('@up', shown.up, paint),
    ...section('@down', shown.down, paint),
    ...section('@verify', shown.verify, paint),
  ].join('\n')
}

function list(ids: readonly string[]): string {
  return ids.length === 0 ? 'nothing' : ids.join(', ')
}

function section(name: string, part: ShowJson['up'] | null, paint: Paint): readonly string[] {
  if (part === null) return []
  return ['', paint.bold(`${name}  ${count(part.statements.length, 'statement')}`), maskSecrets(part.sql)]
}
