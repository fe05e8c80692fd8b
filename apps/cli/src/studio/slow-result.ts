/** Something that takes long to make. The last one stays until there is a new one, and is made once for all who ask. */
export class SlowResult<T> {
  #made: T | undefined
  #problem: unknown
  #current:
    | { readonly of: string; readonly stop: AbortController; readonly done: Promise<boolean> }
    | undefined

  /** Undefined as long as none was made. */
  get value(): T | undefined {
    return this.#made
  }

  /** Why the newest could not be made; undefined: it was, or will be. */
  get problem(): unknown {
    return this.#problem
  }

  /**
   * Makes it anew, unless it is, was, or could not be made of the same already. What is made of something else is
   * given up.
   *
   * @param of names what it is made of.
   * @returns whether there is something new: a value, or a problem; true for the first caller alone.
   */
  async renew(of: string, make: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<boolean> {
    if (this.#current?.of === of) {
      await this.#current.done
      return false
    }
    this.#current?.stop.abort()
    const stop = new AbortController()
    const either = AbortSignal.any([stop.signal, signal])
    const done = this.#make(make, either)
    this.#current = { of, stop, done }
    return done
  }

  async #make(make: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<boolean> {
    try {
      const made = await make(signal)
      if (signal.aborted) return false
      this.#made = made
      this.#problem = undefined
    } catch (error) {
      if (signal.aborted) return false
      this.#problem = error
    }
    return true
  }
}
