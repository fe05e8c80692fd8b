import {
  coordGreedy,
  decrossTwoLayer,
  graphStratify,
  layeringLongestPath,
  sugiyama,
  twolayerGreedy,
} from 'd3-dag'

/** A box to place; `above` are the boxes that belong over it. */
export interface Box {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly above: readonly string[]
}

/** Where a box lies: its upper left corner. */
export interface Placed {
  readonly id: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A line from the lower edge of one box to the upper edge of another. */
export interface Line {
  readonly from: string
  readonly to: string
  readonly points: readonly (readonly [number, number])[]
}

/** A finished picture. */
export interface Layout {
  readonly boxes: readonly Placed[]
  readonly lines: readonly Line[]
  readonly width: number
  readonly height: number
}

const GAP_X = 28
const GAP_Y = 44

/** Places boxes in layers, each below all that belong above it. What is not connected lies side by side, in rows. */
export function layOut(boxes: readonly Box[]): Layout {
  const acyclic = withoutCycles(boxes)
  return pack(splitConnected(acyclic).map(layOutConnected))
}

/** Leaves out what is unknown, boxes above themselves, and the edge that would close a circle. */
function withoutCycles(boxes: readonly Box[]): readonly Box[] {
  const known = new Map(boxes.map((box) => [box.id, box]))
  const state = new Map<string, 'open' | 'done'>()
  const kept = new Map<string, string[]>()
  for (const { id: root } of boxes) {
    const stack = [{ id: root, next: 0 }]
    if (state.has(root)) continue
    state.set(root, 'open')
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const above = known.get(top.id)?.above[top.next]
      if (above === undefined) {
        state.set(top.id, 'done')
        stack.pop()
        continue
      }
      top.next += 1
      if (!known.has(above) || state.get(above) === 'open') continue
      kept.set(top.id, [...(kept.get(top.id) ?? []), above])
      if (state.has(above)) continue
      state.set(above, 'open')
      stack.push({ id: above, next: 0 })
    }
  }
  return boxes.map((box) => ({ ...box, above: kept.get(box.id) ?? [] }))
}

function splitConnected(boxes: readonly Box[]): readonly (readonly Box[])[] {
  const leader = new Map(boxes.map(({ id }) => [id, id]))
  const find = (id: string): string => {
    let at = id
    for (let up = leader.get(at); up !== undefined && up !== at; up = leader.get(at)) at = up
    leader.set(id, at)
    return at
  }
  for (const { id, above } of boxes) for (const other of above) leader.set(find(id), find(other))
  const groups = new Map<string, Box[]>()
  for (const box of boxes) {
    const group = groups.get(find(box.id))
    if (group === undefined) groups.set(find(box.id), [box])
    else group.push(box)
  }
  return [...groups.values()].sort((a, b) => b.length - a.length)
}

function layOutConnected(boxes: readonly Box[]): Layout {
  const graph = graphStratify()
    .id(({ id }: Box) => id)
    .parentIds(({ above }: Box) => above)([...boxes])
  const place = sugiyama()
    .layering(layeringLongestPath())
    .decross(decrossTwoLayer().order(twolayerGreedy()))
    .coord(coordGreedy())
    .nodeSize(({ data }: { data: Box }) => [data.width, data.height] as const)
    .gap([GAP_X, GAP_Y])
  const { width, height } = place(graph)
  const placed = [...graph.nodes()].map(({ data, x, y }) => ({
    id: data.id,
    width: data.width,
    height: data.height,
    x: x - data.width / 2,
    y: y - data.height / 2,
  }))
  const lines = [...graph.links()].map(({ source, target, points }) => ({
    from: source.data.id,
    to: target.data.id,
    points: fromEdgeToEdge(points, source, target),
  }))
  return { boxes: placed, lines, width, height }
}

type End = { readonly data: Box; readonly y: number }

/** The library's lines lead from middle to middle. */
function fromEdgeToEdge(
  points: readonly (readonly [number, number])[],
  source: End,
  target: End,
): readonly (readonly [number, number])[] {
  return points.map(([x, y], index): readonly [number, number] => {
    if (index === 0) return [x, source.y + source.data.height / 2]
    if (index === points.length - 1) return [x, target.y - target.data.height / 2]
    return [x, y]
  })
}

/** Lays pictures beside and below each other, about as wide as a screen is to its height. */
function pack(layouts: readonly Layout[]): Layout {
  const area = layouts.reduce((sum, { width, height }) => sum + (width + GAP_X) * (height + GAP_Y), 0)
  const limit = Math.max(Math.sqrt(area * 1.8), ...layouts.map(({ width }) => width))
  const boxes: Placed[] = []
  const lines: Line[] = []
  let [x, y, rowHeight, widest] = [0, 0, 0, 0]
  for (const layout of layouts) {
    if (x > 0 && x + layout.width > limit) {
      y += rowHeight + GAP_Y
      x = 0
      rowHeight = 0
    }
    const [left, top] = [x, y]
    boxes.push(...layout.boxes.map((box) => ({ ...box, x: box.x + left, y: box.y + top })))
    lines.push(
      ...layout.lines.map((line) => ({
        ...line,
        points: line.points.map(([px, py]) => [px + left, py + top] as const),
      })),
    )
    x += layout.width + GAP_X
    widest = Math.max(widest, x - GAP_X)
    rowHeight = Math.max(rowHeight, layout.height)
  }
  return { boxes, lines, width: widest, height: y + rowHeight }
}
