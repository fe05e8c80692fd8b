import type { Terminal } from '../terminal/terminal.ts'
import { wrapText } from '../text/wrap-text.ts'
import type { InitializedProject } from './init-project.ts'

/** Writes what `init` wrote and what comes next. */
export function presentInit(
  { written, isSupabase, foreign, variable, hasDatabase, schema }: InitializedProject,
  embedded: boolean,
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
): string {
  const upHelp = embedded
    ? 'apply the first migration to .tidemark/db'
    : 'apply the first migration; name a database with --database-url, or take the embedded one that is offered'
  const next: readonly Step[] =
    foreign === undefined
      ? hasDatabase
        ? []
        : [{ command: 'tidemark up', help: upHelp }]
      : foreign.otherTool !== undefined
        ? []
        : [
            { command: 'tidemark import --dry-run', help: 'what would be imported' },
            { command: 'tidemark import', help: 'write the files; with --adopt record what is applied' },
          ]
  const lines = [
    ...written.map((path) => `${paint.green('✓')} ${path}`),
    ...(variable === undefined ? [] : ['', `Found .env: the database is its variable ${variable}.`]),
    ...presentSchema(schema, isSupabase ? 'Supabase' : foreign?.title),
    ...(foreign === undefined
      ? []
      : [
          '',
          foreign.otherTool === undefined
            ? `Found migrations of ${foreign.title}: \`tidemark import\` takes them over, and overwrites nothing.`
            : `Found migrations of ${foreign.otherTool}, which \`tidemark import\` does not read.`,
        ]),
    '',
    'Next:',
    ...presentSteps([...next, ...(hasDatabase && foreign === undefined ? FIRST : ALWAYS)]),
  ]
  return wrapText(lines.join('\n'), width)
}

interface Step {
  readonly command: string
  readonly help: string
}

const ALWAYS: readonly Step[] = [
  { command: 'tidemark new add_orders', help: 'write the next one' },
  { command: 'tidemark help format', help: 'what a file looks like' },
]

/** Where there is a database, the first migration is the user's. */
const FIRST: readonly Step[] = [
  { command: 'tidemark new create_orders', help: 'write the next migration' },
  { command: 'tidemark status', help: 'what is applied, and what is pending' },
  { command: 'tidemark help format', help: 'what a file looks like' },
]

function presentSchema(schema: string | undefined, title: string | undefined): readonly string[] {
  if (schema === undefined || title === undefined) return []
  return ['', `This is a ${title} project: the tracking tables go into the schema "${schema}".`]
}

function presentSteps(steps: readonly Step[]): readonly string[] {
  const width = Math.max(...steps.map(({ command }) => command.length))
  return steps.map(({ command, help }) => `  ${command.padEnd(width)}  ${help}`)
}
