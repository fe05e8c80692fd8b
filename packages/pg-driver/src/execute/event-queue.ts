/** Turns pushes into an async iteration, in order. Pushing never waits. */
export interface EventQueue<T> {
  push(item: T): void
  /** Ends the iteration after what was pushed; with an error it throws then. */
  end(error?: unknown): void
  readonly items: AsyncIterableIterator<T>
}

/** Makes an {@link EventQueue}. */
export function createEventQueue<T>(): EventQueue<T> {
  let items: T[] = []
  let ended: { readonly error: unknown } | undefined
  let wake: () => void = () => undefined
  async function* iterate(): AsyncGenerator<T> {
    for (;;) {
      const ready = items
      items = []
      yield* ready
      if (items.length > 0) continue
      if (ended !== undefined) {
        if (ended.error !== undefined) throw ended.error
        return
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    push(item) {
      items.push(item)
      wake()
    },
    end(error) {
      ended = { error }
      wake()
    },
    items: iterate(),
  }
}
