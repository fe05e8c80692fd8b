/** What a window holds at most. One that is larger by itself passes when nothing else is in flight. */
export interface WindowLimits {
  readonly count: number
  readonly sizeBytes: number
}

/** Counts what is sent and not answered; `room` waits until there is room again. */
export interface InFlightWindow {
  /** Resolves when something of this size may be sent. */
  room(sizeBytes: number): Promise<void> | undefined
  add(sizeBytes: number): void
  remove(sizeBytes: number): void
  /** Lets the waiting sender through, since what it waits for will not come. */
  open(): void
}

/**
 * Makes a window. Only one sender may wait at a time; it goes on when half is free, so that answers and
 * sending come in bursts.
 */
export function createWindow(limits: WindowLimits): InFlightWindow {
  let count = 0
  let bytes = 0
  let waiting: { readonly sizeBytes: number; readonly resolve: () => void } | undefined
  const fits = (sizeBytes: number) =>
    count === 0 || (count < limits.count && bytes + sizeBytes <= limits.sizeBytes)
  const hasDrained = () => count <= limits.count / 2
  const release = () => {
    waiting?.resolve()
    waiting = undefined
  }
  return {
    room(sizeBytes) {
      if (fits(sizeBytes)) return undefined
      return new Promise((resolve) => {
        waiting = { sizeBytes, resolve }
      })
    },
    add(sizeBytes) {
      count += 1
      bytes += sizeBytes
    },
    remove(sizeBytes) {
      count -= 1
      bytes -= sizeBytes
      if (waiting !== undefined && hasDrained() && fits(waiting.sizeBytes)) release()
    },
    open: release,
  }
}
