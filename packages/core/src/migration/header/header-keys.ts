/** The fields of a header by the key people write, lower case. */
const FIELDS = {
  migration: 'id',
  description: 'description',
  type: 'type',
  'depends on': 'dependsOn',
  transaction: 'transaction',
  run: 'run',
  'lock timeout': 'lockTimeoutMs',
  'statement timeout': 'statementTimeoutMs',
  role: 'role',
  blocking: 'blocking',
  replaces: 'replaces',
  tags: 'tags',
  environments: 'environments',
  variables: 'variables',
  batches: 'batches',
} as const

/** A field of the header as parsed; `id` is the `Migration` key. */
export type HeaderField = (typeof FIELDS)[keyof typeof FIELDS]

/** The keys as they are written in files and messages, in the order of the documentation. */
export const HEADER_KEYS: Readonly<Record<HeaderField, string>> = {
  id: 'Migration',
  description: 'Description',
  type: 'Type',
  dependsOn: 'Depends on',
  transaction: 'Transaction',
  run: 'Run',
  lockTimeoutMs: 'Lock timeout',
  statementTimeoutMs: 'Statement timeout',
  role: 'Role',
  blocking: 'Blocking',
  replaces: 'Replaces',
  tags: 'Tags',
  environments: 'Environments',
  variables: 'Variables',
  batches: 'Batches',
}

const BY_KEY: ReadonlyMap<string, HeaderField> = new Map(Object.entries(FIELDS))

/** Finds the field of a key, whatever its case and inner spaces; undefined for any other word. */
export function findHeaderField(key: string): HeaderField | undefined {
  return BY_KEY.get(key.toLowerCase().replace(/\s+/g, ' '))
}
