import type { InitializedProject } from '../services/init-project.ts'
import type { Paint } from '../terminal/paint.ts'

/** Writes what `init` wrote and what comes next. */
export function presentInit(
  { written, isSupabase, foreign }: InitializedProject,
  embedded: boolean,
  paint: Paint,
): string {
  const next = embedded
    ? ['tidemark up              apply the first migration to .tidemark/db']
    : [
        'tidemark up              apply the first migration; name a database with --database-url,',
        '                         or take the embedded one that is offered',
      ]
  return [
    ...written.map((path) => `${paint.green('✓')} ${path}`),
    ...(isSupabase
      ? ['', 'This is a Supabase project: the tracking tables go into the schema "tidemark".']
      : []),
    ...(foreign === undefined
      ? []
      : [
          '',
          `Found migrations of ${foreign.title}: \`tidemark import\` takes them over, and overwrites nothing.`,
        ]),
    '',
    'Next:',
    ...[
      ...(foreign === undefined
        ? next
        : [
            'tidemark import --dry-run what would be imported',
            'tidemark import          write the files; with --adopt record what is applied',
          ]),
      'tidemark new add_orders  write the next one',
      'tidemark help format     what a file looks like',
    ].map((line) => `  ${line}`),
  ].join('\n')
}
