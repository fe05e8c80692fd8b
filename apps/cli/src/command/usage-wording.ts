type Wording = readonly [said: RegExp, ours: (one: string, two: string, three: string) => string]

/**
 * What oclif's parser says, and what we say instead: a fact about the command line, without its internals.
 */
const WORDINGS: readonly Wording[] = [
  [
    /^Parsing (--\S+)\s+Expected an integer but received: (.*)$/s,
    (flag, value) => `${flag} takes a whole number, not "${value}"`,
  ],
  [
    /^Parsing (--\S+)\s+Expected an integer greater than or equal to (\S+) but received: (.*)$/s,
    (flag, least, value) => `${flag} is at least ${least}, not ${value}`,
  ],
  [
    /^Parsing (--\S+)\s+Expected an integer less than or equal to (\S+) but received: (.*)$/s,
    (flag, most, value) => `${flag} is at most ${most}, not ${value}`,
  ],
  [
    /^Expected (--[\w-]+)=(.*) to be one of: (.*)$/s,
    (flag, value, options) => `${flag} is one of ${options}, not "${value}"`,
  ],
  [/^Expected (.*) to be one of: (.*)$/s, (value, options) => `expected one of ${options}, not "${value}"`],
  [/^Missing required flag ([\w-]+)$/, (flag) => `--${flag} is missing`],
  [/^Flag (--\S+) expects a value$/, (flag) => `${flag} needs a value`],
  [/^Flag (--\S+) expects one of these values: (.*)$/, (flag, options) => `${flag} needs one of ${options}`],
  [/^Flag (--\S+) can only be specified once$/, (flag) => `${flag} is given twice`],
  [
    /^(--[\w-]+)(?:=.*)? cannot also be provided when using (--\S+)$/s,
    (flag, other) => `${[flag, other].sort().join(' and ')} exclude each other`,
  ],
  [
    /^All of the following must be provided when using (--\S+): (.*)$/,
    (flag, others) => `${flag} needs ${others}`,
  ],
]

/**
 * Says in our words what oclif's parser found wrong, all of it at once.
 *
 * @example wordUsage('The following error occurred:\n  --a=true cannot also be provided when using --b') // '--a and --b exclude each other'
 */
export function wordUsage(message: string): string {
  const plain = message
    .replace(/\n?See more help with --help.*$/s, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of oclif are escape sequences
    .replace(/\u001b\[[0-9;]*m/g, '')
  const list = plain.replace(/^The following errors? occurred:\s*/, '')
  const reasons = list === plain ? [plain] : list.split(/\s*\n\s*/)
  return [...new Set(reasons.map(wordReason))].join('; ')
}

function wordReason(reason: string): string {
  for (const [said, ours] of WORDINGS) {
    const found = said.exec(reason)
    if (found !== null) return ours(found[1] ?? '', found[2] ?? '', found[3] ?? '')
  }
  const text = reason.replace(/\s*\n\s*/g, '; ')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
