/** A half-open range of UTF-16 offsets, `start` included and `end` not. */
export interface Span {
  readonly start: number
  readonly end: number
}
