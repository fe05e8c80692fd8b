import { type Migration, type MigrationId, sha256Hex, type VariableValues } from '@tidemark/core'
import type { LinterOptions } from '@tidemark/lint'
import type { CheckPart } from '../report/check-report.ts'

/** Changes when a check of the same migrations would find something else than before. */
const FORMAT = 'check 1'

/** All that a report rests on. */
export interface VerdictBasis {
  /** The shadow, the version of the tool and its settings. */
  readonly identity: string
  /** Every migration of the project. */
  readonly migrations: readonly Migration[]
  /** Undefined: all. */
  readonly ids: readonly MigrationId[] | undefined
  readonly parts: readonly CheckPart[]
  readonly lint: LinterOptions | undefined
  readonly variables: VariableValues | undefined
}

/** Gives the name under which a report is kept: another one as soon as anything is different. */
export function verdictKey(basis: VerdictBasis): string {
  const { identity, migrations, ids, parts, lint = {}, variables = {} } = basis
  const files = migrations.map(({ id, checksum, source }) => [id, checksum, source.path])
  const checked = ids === undefined ? null : [...ids].sort()
  const rules = { ...lint, sizes: [...(lint.sizes ?? [])] }
  return sha256Hex(
    JSON.stringify([FORMAT, identity, process.version, files, checked, [...parts].sort(), rules, variables]),
  )
}
