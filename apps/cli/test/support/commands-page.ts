import type { Command, Interfaces } from '@oclif/core'
import { COMMON_FLAGS, RUN_FLAGS } from '../../src/command/common-flags.ts'
import { aliasesOf } from '../../src/main/commands.ts'
import { EXIT_CODES_TOPIC } from '../../src/main/help/exit-codes-topic.ts'

/** The schema of each command's `--json`, by the file's name in `apps/cli/schemas`. */
const SCHEMAS: Readonly<Record<string, string>> = {
  baseline: 'run',
  branches: 'branches',
  completion: 'completion',
  doctor: 'doctor',
  down: 'run',
  drift: 'drift',
  graph: 'graph',
  history: 'history',
  import: 'import',
  init: 'written',
  manifest: 'manifest',
  mark: 'run',
  merge: 'written',
  migrate: 'run',
  new: 'written',
  plan: 'plan',
  redo: 'run',
  rehearse: 'rehearsal',
  repair: 'run',
  reset: 'run',
  restore: 'restore',
  show: 'show',
  squash: 'squash',
  status: 'status',
  switch: 'run',
  up: 'run',
  validate: 'validate',
  verify: 'verify',
  wait: 'wait',
}

type Flags = Interfaces.FlagInput

/** Writes `docs/commands.md` from the commands themselves. */
export function commandsPage(commands: Readonly<Record<string, Command.Class>>): string {
  return `# Commands

This page is made from the code; \`tidemark help COMMAND\` prints the same.

${Object.keys(commands)
  .map((name) => `- [\`${name}\`](#tidemark-${name}): ${commands[name]?.summary ?? ''}`)
  .join('\n')}

## Flags of every command

${flagTable(COMMON_FLAGS)}

Before a write the target is shown: user, host, port and database, never a password. Suggested commands repeat the target flags
(\`--config\`, \`--env\`, \`--env-file\`, \`--database-url\`, \`--dir\`, \`--schema\`) that were given. The result goes to stdout; progress,
questions and problems go to stderr. With \`--json\` stdout is one document, whose JSON Schema is in
[\`apps/cli/schemas\`](../apps/cli/schemas); a failure is always the document of [\`error.json\`](../apps/cli/schemas/error.json).

## Exit codes

\`\`\`text
${EXIT_CODES_TOPIC.trimEnd()}
\`\`\`

${Object.entries(commands)
  .map(([name, command]) => section(name, command))
  .join('\n\n')}
`
}

function section(name: string, command: Command.Class): string {
  const own = Object.fromEntries(
    Object.entries(command.flags ?? {}).filter(
      ([flag, { hidden }]) => !(flag in COMMON_FLAGS) && hidden !== true,
    ),
  )
  const limits = Object.fromEntries(Object.entries(own).filter(([flag]) => flag in RUN_FLAGS))
  const others = Object.fromEntries(Object.entries(own).filter(([flag]) => !(flag in RUN_FLAGS)))
  const args = Object.entries(command.args ?? {})
  const schema = SCHEMAS[name]
  const usage = [
    'tidemark',
    name,
    ...args.map(([arg, { required }]) => (required === true ? arg.toUpperCase() : `[${arg.toUpperCase()}]`)),
  ]
  return [
    `## tidemark ${name}`,
    `${command.summary ?? ''}${command.description === undefined ? '' : ` ${command.description}`}`,
    `\`\`\`text\n${usage.join(' ')} [--flags]\n\`\`\``,
    ...aliasLine(name),
    ...(args.length === 0
      ? []
      : [
          args.map(([arg, { description }]) => `- \`${arg.toUpperCase()}\`: ${description ?? ''}`).join('\n'),
        ]),
    ...(Object.keys(others).length === 0 ? [] : [flagTable(others)]),
    ...(Object.keys(limits).length === 0 ? [] : [`Timeouts and retries:\n\n${flagTable(limits)}`]),
    ...(schema === undefined ? [] : [`\`--json\`: [\`${schema}.json\`](../apps/cli/schemas/${schema}.json)`]),
    examples(command),
  ].join('\n\n')
}

function aliasLine(name: string): readonly string[] {
  const aliases = aliasesOf(name).map((alias) => `\`tidemark ${alias}\``)
  return aliases.length === 0 ? [] : [`Also: ${aliases.join(', ')}.`]
}

function flagTable(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value =
      flag.type === 'option'
        ? ` ${'options' in flag && flag.options ? flag.options.join('\\|') : (flag.helpValue ?? 'VALUE')}`
        : ''
    const short = flag.char === undefined ? '' : `\`-${flag.char}\`, `
    return `| ${short}\`--${name}${value}\` | ${flag.summary ?? ''} |`
  })
  return ['| flag | does |', '| --- | --- |', ...rows].join('\n')
}

function examples(command: Command.Class): string {
  const lines = (command.examples ?? []).map((example) => {
    const { description, command: line } =
      typeof example === 'string' ? { description: '', command: example } : example
    return `# ${description}\n${line.replaceAll('<%= config.bin %>', 'tidemark')}`
  })
  return `\`\`\`sh\n${lines.join('\n\n')}\n\`\`\``
}
