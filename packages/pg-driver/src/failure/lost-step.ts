import type { ExecutableStep } from '../script/step-script.ts'

/** The connection was lost in a step without a transaction: what the row says is done, stays. */
export class LostStep extends Error {
  override readonly name = 'LostStep'
  readonly step: ExecutableStep
  readonly durationMs: number

  constructor(
    step: ExecutableStep,
    { cause, durationMs }: { readonly cause: Error; readonly durationMs: number },
  ) {
    super(cause.message, { cause })
    this.step = step
    this.durationMs = durationMs
  }
}
