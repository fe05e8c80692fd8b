import type { DiagnosticCode } from './codes.ts'
import type { LockHolder } from './lock-holder.ts'

/** What a run came to before it failed: ids of migrations. Every code may have it. */
export interface RunTally {
  readonly applied?: readonly string[]
  readonly failed?: readonly string[]
  readonly notRun?: readonly string[]
}

/** What the server said of an error; null where it said nothing. */
interface ServerDetails {
  /** SQLSTATE. */
  readonly sqlState: string | null
  readonly serverMessage: string
  readonly detail: string | null
  readonly hint: string | null
  readonly where: string | null
  readonly internalQuery: string | null
  readonly schema: string | null
  readonly table: string | null
  readonly column: string | null
  readonly constraint: string | null
}

/**
 * Details of a migration whose SQL failed; those of the server are missing when it was not the server that
 * refused.
 */
export interface StepFailureDetails extends RunTally, Partial<ServerDetails> {
  readonly migration?: string
  /** Which statement of how many, counted from 1; null before the first and after the last. */
  readonly index?: number | null
  readonly count?: number
  readonly kind?: string | null
  /** The sessions that blocked it, in words. */
  readonly blockers?: readonly string[]
  readonly attempts?: number
  /** A sentence on what the database holds now. */
  readonly databaseState?: string
  /** The index that the failed statement left invalid. */
  readonly invalidIndex?: string
}

/** Details of a run that was cut off. */
interface CutOffDetails extends RunTally {
  /** The migration that was under way. */
  readonly migration?: string | null
  readonly databaseState?: string
}

/** The details of the codes that have some of their own. */
interface OwnDetails {
  readonly TM3001: {
    readonly schema?: string
    readonly table?: string
    readonly columns?: readonly string[]
    readonly owner?: string
  }
  readonly TM3002: { readonly schema: string; readonly type: string; readonly found: string }
  readonly TM3003: { readonly schema: string; readonly layout: number; readonly knownLayout: number }
  readonly TM3004: { readonly schema?: string; readonly table?: string }
  readonly TM3005: { readonly schema?: string; readonly sqlState?: string }
  readonly TM3006: { readonly table: string; readonly id: string; readonly problems: readonly string[] }
  readonly TM3007: { readonly reader: string }
  readonly TM3008: { readonly schema: string; readonly found: readonly string[] }
  readonly TM4010: StepFailureDetails
  /** Where it was to connect, and the SQLSTATE of the server or the reason of the system. */
  readonly TM5001: {
    readonly host?: string
    readonly port?: number | null
    readonly database?: string
    readonly user?: string
    readonly sqlState?: string
    readonly reason?: string | null
  }
  readonly TM5003: {
    readonly waitMs: number
    readonly holder: LockHolder | null
    /** The SQL that ends the holder. */
    readonly endIt?: string
  }
  readonly TM5004: StepFailureDetails
  readonly TM5005: StepFailureDetails & { readonly query?: string }
  readonly TM5006: StepFailureDetails
  readonly TM5007: CutOffDetails
  readonly TM5008: CutOffDetails
  readonly TM5009: StepFailureDetails
  readonly TM5010: { readonly pending: readonly string[] }
  readonly TM5011: StepFailureDetails
  readonly TM5012: StepFailureDetails
  readonly TM5013: { readonly why: 'replica' | 'setting' }
  readonly TM5014: {
    readonly sqlState: string
    readonly detail: string | null
    readonly blockers?: readonly string[]
  }
  readonly TM5015: StepFailureDetails
  /** `index` is the name of the invalid index, `dropIt` the SQL that drops it. */
  readonly TM5020: Omit<StepFailureDetails, 'index'> & { readonly index: string; readonly dropIt: string }
  readonly TM5021: StepFailureDetails & { readonly lost: 'temporary_object' | 'cursor' }
  readonly TM5022: StepFailureDetails & { readonly file?: string }
  readonly TM5030: {
    readonly directory: string
    readonly lockFile: string
    readonly pid: number
    readonly host: string
    readonly since: string
  }
  readonly TM5032: { readonly available: readonly string[] }
  /** `createIndex` is the SQL of the index that is missing. */
  readonly TM5070: StepFailureDetails & { readonly createIndex?: string }
  readonly TM5071: StepFailureDetails
  readonly TM5072: StepFailureDetails
  readonly TM7041: { readonly schemas: readonly string[] }
  readonly TM5040: { readonly migration: string; readonly reason: string }
  readonly TM5041: { readonly reason: string }
  readonly TM5042: { readonly migration: string; readonly unsaved: readonly string[] }
  readonly TM6007: { readonly problems: readonly string[] }
  readonly TM6030: { readonly migrations: readonly string[] }
  readonly TM6031: { readonly file: string; readonly expected: string | null; readonly found: string }
  readonly TM7005: { readonly paths: readonly string[] }
  readonly TM7027: { readonly path: string }
  readonly TM7013: { readonly destructive?: number; readonly notAccepted?: readonly string[] }
  readonly TM7017: { readonly folder: string }
  readonly TM7039: { readonly hook: string }
  readonly TM7099: { readonly report: string | null }
}

/**
 * What `error.details` holds, by code: the part of a failure that code reads, as in `--json`. Holds no
 * secret.
 */
export type ErrorDetails = {
  readonly [Code in DiagnosticCode]: Code extends keyof OwnDetails ? OwnDetails[Code] & RunTally : RunTally
}
