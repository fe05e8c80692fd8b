interface CommandSummary {
  readonly name: string
  readonly summary: string
}

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  [
    'WRITE AND CHECK FILES (no database)',
    ['init', 'new', 'validate', 'graph', 'show', 'branches', 'merge', 'squash', 'manifest'],
  ],
  ['LOOK AT A DATABASE (reads only)', ['status', 'plan', 'history', 'verify', 'wait', 'doctor']],
  ['CHANGE A DATABASE', ['up', 'down', 'migrate', 'redo', 'reset', 'switch', 'restore']],
  ['SET THE RECORD RIGHT (executes nothing)', ['mark', 'baseline', 'repair']],
]

/** The overview that `tidemark`, `tidemark --help` and `tidemark help` print: every command, in the order in which people meet them. */
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
  $ tidemark init              a configuration and a first migration
  $ tidemark up                apply everything that is pending
  $ tidemark help COMMAND      flags and examples of a command
  $ tidemark help TOPIC        format, config, exit-codes
`
}
