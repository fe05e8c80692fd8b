/** What a search through CSV data needs of it: a string, or bytes. */
export interface Searchable {
  indexOf(search: string, position?: number): number
}

/** The two characters by which CSV data hides line ends, as the options of its COPY give them. */
export interface CsvFormat {
  readonly quote: string
  readonly escape: string
}

/**
 * Follows CSV data through its quotes, as the server's reader of lines does: a quote toggles at any place,
 * and an escape character of its own hides the quote after it (`CopyReadLineText` in PostgreSQL's
 * copyfromparse.c). Data may come in pieces.
 */
export class CsvQuotes {
  readonly #format: CsvFormat
  #isOpen = false
  #isEscaped = false

  constructor(format: CsvFormat) {
    this.#format = format
  }

  /** True inside quotes. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Follows the next part of the data, from `start` up to `end`. */
  follow(data: Searchable, start: number, end: number): void {
    if (this.#format.quote === this.#format.escape) this.#followToggles(data, start, end)
    else this.#followEscapes(data, start, end)
  }

  #followToggles(data: Searchable, start: number, end: number): void {
    const { quote } = this.#format
    for (let at = data.indexOf(quote, start); at >= 0 && at < end; at = data.indexOf(quote, at + 1)) {
      this.#isOpen = !this.#isOpen
    }
  }

  #followEscapes(data: Searchable, start: number, end: number): void {
    const { quote, escape: hider } = this.#format
    let at = start
    let nextQuote = data.indexOf(quote, at)
    let nextEscape = data.indexOf(hider, at)
    while (at < end) {
      if (nextQuote >= 0 && nextQuote < at) nextQuote = data.indexOf(quote, at)
      if (nextEscape >= 0 && nextEscape < at) nextEscape = data.indexOf(hider, at)
      const next = Math.min(nextQuote < 0 ? end : nextQuote, nextEscape < 0 ? end : nextEscape)
      if (next > at) this.#isEscaped = false
      if (next >= end) return
      if (next === nextEscape) this.#isEscaped = this.#isOpen && !this.#isEscaped
      else {
        if (!this.#isEscaped) this.#isOpen = !this.#isOpen
        this.#isEscaped = false
      }
      at = next + 1
    }
  }
}
