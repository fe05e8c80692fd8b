/** What is kept of a target. */
export interface KeptTarget {
  readonly name: string
  isOpen(): boolean
  /** Frees what it holds; nothing runs for it afterwards. */
  close(): void
}

/**
 * Keeps what is known of the targets that were asked for last. One that is open gives way to none that is
 * closed, so that invented names push out each other.
 */
export class TargetCache<Target extends KeptTarget> {
  readonly #open = new Map<string, Target>()
  readonly #closed = new Map<string, Target>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#open.size + this.#closed.size
  }

  /** Gives what is kept of a name, without using it. */
  peek(name: string): Target | undefined {
    return this.#open.get(name) ?? this.#closed.get(name)
  }

  /** Gives what is kept of a name, which was used now. */
  get(name: string): Target | undefined {
    const found = this.peek(name)
    if (found !== undefined) this.#place(found)
    return found
  }

  /** Keeps a target in the place of one of its name, and lets go of the one that was not used for longest. */
  add(target: Target): void {
    this.#drop(this.peek(target.name))
    this.#place(target)
    if (this.size <= this.#limit) return
    const [oldest] = this.#closed.values()
    const [oldestOpen] = this.#open.values()
    this.#drop(oldest === target || oldest === undefined ? (oldestOpen ?? oldest) : oldest)
  }

  closeAll(): void {
    for (const target of [...this.#open.values(), ...this.#closed.values()]) this.#drop(target)
  }

  #place(target: Target): void {
    const { name } = target
    this.#open.delete(name)
    this.#closed.delete(name)
    const place = target.isOpen() ? this.#open : this.#closed
    place.set(name, target)
  }

  #drop(target: Target | undefined): void {
    if (target === undefined) return
    this.#open.delete(target.name)
    this.#closed.delete(target.name)
    target.close()
  }
}
