interface CommandSummary {
  readonly name: string
  readonly summary: string
}

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  [
    'WRITE AND CHECK FILES (no database)',
    ['init', 'new', 'validate', 'graph', 'show', 'branches', 'merge', 'squash', 'manifest'],
  ],
  ['INSPECT A DATABASE (read-only)', ['status', 'plan', 'history', 'verify', 'wait', 'doctor']],
  ['CHANGE A DATABASE', ['up', 'down', 'migrate', 'redo', 'reset', 'switch', 'restore']],
  ['CHANGE MANY DATABASES', ['fleet']],
  ['CORRECT THE RECORDS (executes nothing)', ['mark', 'baseline', 'repair']],
]

/**
 * The overview that `tidemark`, `tidemark --help` and `tidemark help` print: every command, in the order in
 * which people need them.
 */
export function rootHelp(commands: readonly CommandSummary[]): string {
  const grouped = new Set(GROUPS.flatMap(([, names]) => names))
  const rest = commands.filter(({ name }) => !grouped.has(name)).map(({ name }) => name)
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2
  const sections = [...GROUPS, ['OTHER', rest] as const].map(([title, names]) => {
    const lines = names.flatMap((name) => commands.filter((command) => command.name === name))
    return [title, ...lines.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`)].join('\n')
  })
  return `SQL migrations for PostgreSQL: plain files, a dependency graph, exactly-once application.

USAGE
  $ tidemark COMMAND [--flags]

${sections.join('\n\n')}

START HERE
  $ tidemark init              write a configuration and a first migration
  $ tidemark up                apply all pending migrations
  $ tidemark help COMMAND      show flags and examples of a command
  $ tidemark help TOPIC        read about format, config or exit-codes
`
}
