import type { DiagnosticCode } from './codes.ts'
import type { Diagnostic } from './diagnostic.ts'

/** Where in a file a failure belongs: 1-based line and column in code points. */
export interface ErrorLocation {
  readonly path: string
  readonly line: number
  readonly column: number
}

/** What a {@link TidemarkError} is made of. `details` is JSON-safe and holds no secret. */
export interface TidemarkErrorOptions {
  readonly code: DiagnosticCode
  readonly message: string
  readonly help?: string
  readonly location?: ErrorLocation
  /** A rendered code frame without colour. */
  readonly frame?: string
  readonly diagnostics?: readonly Diagnostic[]
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * The world failed, or an action was refused: server, lock, disk, drift. The code is the discriminant.
 *
 * @example
 * try { await runner.runMigrations() } catch (error) {
 *   if (error instanceof TidemarkError && error.code === 'TM5001') console.error(error.help)
 * }
 */
export class TidemarkError extends Error {
  override readonly name = 'TidemarkError'
  readonly code: DiagnosticCode
  readonly help: string | undefined
  readonly location: ErrorLocation | undefined
  readonly frame: string | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly details: Readonly<Record<string, unknown>>

  constructor(options: TidemarkErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.help = options.help
    this.location = options.location
    this.frame = options.frame
    this.diagnostics = options.diagnostics ?? []
    this.details = options.details ?? {}
  }
}
