const TARGET_FLAGS = ['config', 'env', 'env-file', 'database-url', 'dir', 'schema', 'search-path'] as const

/**
 * The flags of a command line that say which database and which files: what a suggested command has to
 * repeat.
 */
export function targetFlags(flags: Readonly<Record<string, unknown>>): string {
  const named = TARGET_FLAGS.flatMap((name) => {
    const value = flags[name]
    return typeof value === 'string' ? [`--${name} ${quoteForShell(value)}`] : []
  })
  return [...named, ...(flags['no-env-file'] === true ? ['--no-env-file'] : [])].join(' ')
}

/**
 * Repeats the target flags in every command that a text suggests, in quotes or at the end of a line, so that
 * following the advice meets the same database.
 *
 * @example addTargetFlags('run `tidemark up` again', '--env staging') // 'run `tidemark up --env staging` again'
 */
export function addTargetFlags(text: string, flags: string): string {
  if (flags === '') return text
  const given = flags.match(ONE_FLAG) ?? []
  const add = (command: string): string =>
    [command, ...given.filter((flag) => !isNamed(command, flag))].join(' ')
  const addToEach = (commands: string): string => commands.split(BETWEEN_COMMANDS).map(add).join('; ')
  return text
    .replace(QUOTED, (_, quote: string, commands: string) => `${quote}${addToEach(commands)}${quote}`)
    .replace(AT_THE_END, (_, before: string, commands: string) => `${before}${addToEach(commands)}`)
}

/** `--name value`, as {@link targetFlags} writes it. */
const ONE_FLAG = /--no-env-file|--[\w-]+ (?:'(?:[^']|'\\'')*'|\S+)/g

function isNamed(command: string, flag: string): boolean {
  const [name] = flag.split(' ')
  return ` ${command} `.includes(` ${name} `) || (name === '--env' && / -e /.test(command))
}

const QUOTED = /([`"])(tidemark (?!help\b|init\b)[a-z][^`"]*)\1/g
const AT_THE_END = /(: )(tidemark (?!help\b|init\b)[a-z][^`"\n]*)$/gm

const BETWEEN_COMMANDS = /; (?=tidemark )/

/** Quotes an argument for a POSIX shell where it needs it. */
export function quoteForShell(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
