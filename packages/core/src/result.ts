/** The outcome of offline work on the user's files: a value, or every problem found. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E }

/**
 * Wraps a value as a successful {@link Result}.
 *
 * @example ok(1) // { ok: true, value: 1 }
 */
export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value }
}

/**
 * Wraps an error as a failed {@link Result}.
 *
 * @example err('no') // { ok: false, error: 'no' }
 */
export function err<E>(error: E): Result<never, E> {
  return { ok: false, error }
}
