import type { DiagnosticCode } from './codes.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { ErrorDetails, RunTally, StepFailureDetails } from './error-details.ts'
import { errorPage } from './error-page.ts'
import { describeRemedy, type Remedy } from './remedy.ts'

/** Where in a file a failure belongs: 1-based line and column in code points. */
export interface ErrorLocation {
  readonly path: string
  readonly line: number
  readonly column: number
}

interface ErrorParts<Code extends DiagnosticCode> {
  readonly code: Code
  readonly message: string
  readonly help?: string | undefined
  /** What to do as a value; it makes the words of `help` where those are not given. */
  readonly remedy?: Remedy | undefined
  readonly location?: ErrorLocation | undefined
  /** A rendered code frame without colour. */
  readonly frame?: string | undefined
  readonly diagnostics?: readonly Diagnostic[]
  readonly cause?: unknown
}

/**
 * What a {@link TidemarkError} is made of. `details` is JSON-safe and holds no secret; it may be left out
 * where its code needs none.
 */
export type TidemarkErrorOptions<Code extends DiagnosticCode = DiagnosticCode> = ErrorParts<Code> &
  (Record<never, never> extends ErrorDetails[Code]
    ? { readonly details?: ErrorDetails[Code] }
    : { readonly details: ErrorDetails[Code] })

/**
 * What a copy of a {@link TidemarkError} has of its own. Its `details` come on top of those that are there.
 */
export interface TidemarkErrorChanges {
  readonly message?: string
  readonly remedy?: Remedy | undefined
  readonly location?: ErrorLocation | undefined
  readonly frame?: string | undefined
  readonly details?: RunTally | StepFailureDetails
}

/**
 * A {@link TidemarkError} of one code, or of a few; `new TidemarkError` makes it.
 *
 * @example new TidemarkError({ code: 'TM5008', message: 'interrupted' }).code // 'TM5008'
 */
export class CodedError<Code extends DiagnosticCode> extends Error {
  /** The name that a stack and `util.inspect` show. */
  static override readonly name = 'TidemarkError'
  /** Lets `instanceof` narrow in both branches, as it does not by itself for a union. */
  declare static readonly [Symbol.hasInstance]: (value: unknown) => value is TidemarkError
  override readonly name = 'TidemarkError'
  readonly code: Code
  readonly help: string | undefined
  readonly remedy: Remedy | undefined
  readonly location: ErrorLocation | undefined
  readonly frame: string | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly details: ErrorDetails[Code] & Readonly<Record<string, unknown>>
  #origin: object = this

  constructor(options: ErrorParts<Code> & { readonly details?: ErrorDetails[Code] }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.remedy = options.remedy
    this.help = options.help ?? (options.remedy && describeRemedy(options.remedy))
    this.location = options.location
    this.frame = options.frame
    this.diagnostics = options.diagnostics ?? []
    // Where a code needs details, the type of the options asks for them.
    this.details = (options.details ?? {}) as typeof this.details
  }

  /** The page of the code in the documentation. */
  get page(): string {
    return errorPage(this.code)
  }

  /**
   * Makes a copy with other fields; code, diagnostics, stack and cause stay, and it {@link isSameAs} this.
   */
  with({ details, ...changes }: TidemarkErrorChanges): CodedError<Code> {
    const { code, message, help, remedy, location, frame, diagnostics, cause } = this
    const copy = new CodedError<Code>({
      code,
      message,
      help: 'remedy' in changes ? undefined : help,
      remedy,
      location,
      frame,
      diagnostics,
      cause,
      ...changes,
      details: { ...this.details, ...details },
    })
    if (this.stack !== undefined) copy.stack = this.stack
    copy.#origin = this.#origin
    return copy
  }

  /** Whether this and another error are one failure: the same object, or copies of one. */
  isSameAs(other: TidemarkError): boolean {
    return this.#origin === other.#origin
  }
}

/** One member of the union for each code. */
type ErrorOf<Code extends DiagnosticCode> = { readonly [One in Code]: CodedError<One> }[Code]

interface TidemarkErrorConstructor {
  new <Code extends DiagnosticCode>(options: TidemarkErrorOptions<Code>): ErrorOf<Code>
  readonly prototype: TidemarkError
  readonly [Symbol.hasInstance]: (value: unknown) => value is TidemarkError
}

/**
 * The world failed, or an action was refused: server, lock, disk, changed files. The code is the
 * discriminant, also of `details`.
 *
 * @alias CodedError
 * @example
 * try { await runner.runMigrations() } catch (error) {
 *   if (error instanceof TidemarkError && error.code === 'TM5004') console.error(error.details.sqlState)
 * }
 */
export const TidemarkError: TidemarkErrorConstructor = CodedError

/** See the constant of this name: a union by `code`, so that a code narrows `details`. */
export type TidemarkError = ErrorOf<DiagnosticCode>
