/**
 * A binary heap of small integers: the lowest comes out first. O(log n) each way, and O(1) for what comes in
 * ascending order, as most does. No allocation after it is made.
 *
 * @example const heap = createIndexHeap(3); heap.push(2); heap.push(0); heap.pop() // 0
 */
export interface IndexHeap {
  /** Adds an integer; at most as many as the heap was made for may be inside at once. */
  push(value: number): void
  /** Takes the lowest out; undefined when empty. */
  pop(): number | undefined
}

/** Makes an empty {@link IndexHeap} for at most `capacity` integers of 31 bits. */
export function createIndexHeap(capacity: number): IndexHeap {
  const slots = new Int32Array(capacity)
  let size = 0
  // What came in ascending order waits in a line and needs no sifting.
  const line = new Int32Array(capacity)
  let first = 0
  let end = 0
  return {
    push(value) {
      if (first === end) first = end = 0
      const mayStandInLine = end < capacity && (first === end || value >= (line[end - 1] ?? 0))
      if (mayStandInLine) {
        line[end] = value
        end += 1
      } else {
        siftUp(slots, size, value)
        size += 1
      }
    },
    pop() {
      if (first < end && (size === 0 || (line[first] ?? 0) <= (slots[0] ?? 0))) {
        first += 1
        return line[first - 1]
      }
      if (size === 0) return undefined
      const lowest = slots[0]
      size -= 1
      siftDown(slots, size, slots[size] ?? 0)
      return lowest
    },
  }
}

function siftUp(slots: Int32Array, from: number, value: number): void {
  let hole = from
  while (hole > 0) {
    const parent = (hole - 1) >> 1
    const above = slots[parent] ?? 0
    if (above <= value) break
    slots[hole] = above
    hole = parent
  }
  slots[hole] = value
}

function siftDown(slots: Int32Array, size: number, value: number): void {
  let hole = 0
  for (let child = 1; child < size; child = 2 * hole + 1) {
    const right = child + 1
    const lower = right < size && (slots[right] ?? 0) < (slots[child] ?? 0) ? right : child
    const below = slots[lower] ?? 0
    if (value <= below) break
    slots[hole] = below
    hole = lower
  }
  slots[hole] = value
}
