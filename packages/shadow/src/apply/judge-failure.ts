import type { TidemarkError } from '@tidemark/core'

/** What follows from a migration that failed on a shadow. */
export type FailureVerdict =
  /** It names a role that does not exist here: on the target it does, or the migration would fail there too. */
  | { readonly kind: 'missing_role'; readonly role: string }
  /** It creates a role that is there, which an earlier shadow may have left. */
  | { readonly kind: 'role_exists'; readonly role: string }
  /** It needs something that this shadow does not have. */
  | { readonly kind: 'not_checked'; readonly why: string }
  /** It would fail anywhere. */
  | { readonly kind: 'fails' }

/** What a server says, by SQLSTATE, when it is built or installed without something. */
/** Schemas of extensions that are stood in for: what is missing there is missing in the stand-in. */
const STOOD_IN = '(?:cron|net|graphql|vault|pgsodium)'

const LACKS: readonly (readonly [sqlState: string, message: RegExp, why: (name: string) => string])[] = [
  ['0A000', /^extension "(.+)" is not available/, (name) => `needs the extension "${name}"`],
  [
    '58P01',
    /^could not (?:access|open|stat) (?:file|extension control file|directory) "(.+?)"/,
    (name) => `needs the file "${name}" of the server`,
  ],
  ['58P01', /^could not open file "(.+?)" for/, (name) => `needs the file "${name}" of the server`],
  ['42704', /^language "(.+)" does not exist/, (name) => `needs the language "${name}"`],
  ['42704', /^collation "(.+)" for encoding/, (name) => `needs the collation "${name}"`],
  ['0A000', /^(.+) (?:is|are) not supported (?:by|in) this build/, (name) => `needs ${name}`],
  ['55000', /^logical decoding requires (.+)/, (name) => `needs ${name}`],
  [
    '55000',
    /^(.+) must be loaded via "?shared_preload_libraries/,
    (name) => `needs ${name} in shared_preload_libraries`,
  ],
  [
    '42883',
    new RegExp(`^function (${STOOD_IN}\\..+) does not exist`),
    (name) => `needs the function ${name}`,
  ],
  [
    '42P01',
    new RegExp(`^relation "(${STOOD_IN}\\..+)" does not exist`),
    (name) => `needs the relation "${name}"`,
  ],
  ['42704', new RegExp(`^type "(${STOOD_IN}\\..+)" does not exist`), (name) => `needs the type "${name}"`],
  ['53100', /(.+)/, () => 'needs more space than the disk of the shadow has'],
  ['53200', /(.+)/, () => 'needs more memory than the shadow has'],
]

/**
 * Judges why a migration failed on a shadow: for want of a role, for want of something else that its target
 * may have, or by itself.
 *
 * @example judgeFailure(error, { lacksPrivileges: false }) // { kind: 'not_checked', why: 'needs the extension "timescaledb"' }
 */
export function judgeFailure(
  { details }: TidemarkError,
  { lacksPrivileges }: { readonly lacksPrivileges: boolean },
): FailureVerdict {
  const sqlState = typeof details['sqlState'] === 'string' ? details['sqlState'] : ''
  const message = typeof details['serverMessage'] === 'string' ? details['serverMessage'] : ''
  const role = /^role "(.+)" does not exist$/.exec(message)?.[1]
  if (role !== undefined && ['42704', '22023'].includes(sqlState)) return { kind: 'missing_role', role }
  const existing = /^role "(.+)" already exists$/.exec(message)?.[1]
  if (existing !== undefined && sqlState === '42710') return { kind: 'role_exists', role: existing }
  if (lacksPrivileges && sqlState === '42501')
    return { kind: 'not_checked', why: `needs more privileges than the role of the shadow has: ${message}` }
  for (const [state, pattern, why] of LACKS) {
    const name = state === sqlState ? pattern.exec(message)?.[1] : undefined
    if (name !== undefined)
      return { kind: 'not_checked', why: `${why(name)}, which this shadow does not have` }
  }
  return { kind: 'fails' }
}
