const TARGET_FLAGS = ['config', 'env', 'env-file', 'database-url', 'dir', 'schema'] as const

/** The flags of a command line that say which database and which files: what a suggested command has to repeat. */
export function targetFlags(flags: Readonly<Record<string, unknown>>): string {
  return TARGET_FLAGS.flatMap((name) => {
    const value = flags[name]
    return typeof value === 'string' ? [`--${name} ${quoteForShell(value)}`] : []
  }).join(' ')
}

/**
 * Repeats the target flags in every command that a text suggests in quotes, so that following the advice meets the same database.
 *
 * @example addTargetFlags('run `tidemark up` again', '--env staging') // 'run `tidemark up --env staging` again'
 */
export function addTargetFlags(text: string, flags: string): string {
  if (flags === '') return text
  return text.replace(
    /([`"])(tidemark (?!help\b|init\b)[a-z][^`"]*)\1/g,
    (_, quote: string, command: string) => {
      return `${quote}${command}${command.includes(flags) ? '' : ` ${flags}`}${quote}`
    },
  )
}

/** Quotes an argument for a POSIX shell where it needs it. */
export function quoteForShell(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
