/** A command that is measured. */
export interface Contender {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** A tool that could not be measured, with the reason. */
export interface Skipped {
  readonly name: string
  readonly reason: string
}

/** What making ready gives. */
export type Prepared =
  | { readonly kind: 'ready'; readonly contenders: readonly Contender[] }
  | { readonly kind: 'skipped'; readonly skipped: Skipped }
