import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Layout, Line, Placed } from '../model/layer-layout.ts'

/** What part of a picture is seen, in its own units. */
interface Window {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

interface CanvasProps {
  readonly layout: Layout
  /** What the picture is, for those who do not see it. */
  readonly label: string
  /** The box that is shown first, and again when it changes. */
  readonly focus: string | undefined
  readonly drawBox: (box: Placed, isSmall: boolean) => ComponentChildren
  /** A class for a line. */
  readonly styleLine?: ((line: Line) => string) | undefined
}

const MIN_ZOOM = 0.005
const MAX_ZOOM = 2
/** Below it boxes have no text: it could not be read. */
const SMALL = 0.4
/** How far beyond the window boxes are drawn, in pixels: so that moving a little draws nothing. */
const MARGIN = 400

/** A picture that is moved and zoomed by pointer, wheel and keys. Only what is seen, and what is near, is drawn. */
export function Canvas({ layout, label, focus, drawBox, styleLine }: CanvasProps) {
  const frame = useRef<HTMLDivElement>(null)
  const layer = useRef<SVGGElement>(null)
  const view = useRef<Window>({ x: 0, y: 0, zoom: 1 })
  const [drawn, setDrawn] = useState<Window & { readonly width: number; readonly height: number }>({
    ...view.current,
    width: 0,
    height: 0,
  })

  const show = (next: Window, isForced = false) => {
    view.current = next
    layer.current?.setAttribute(
      'transform',
      `translate(${-next.x * next.zoom} ${-next.y * next.zoom}) scale(${next.zoom})`,
    )
    const { clientWidth: width = 0, clientHeight: height = 0 } = frame.current ?? {}
    setDrawn((last) => {
      const moved = Math.max(Math.abs(next.x - last.x), Math.abs(next.y - last.y)) * next.zoom
      const isSame =
        last.zoom === next.zoom && moved < MARGIN / 2 && last.width === width && last.height === height
      return isSame && !isForced ? last : { ...next, width, height }
    })
  }
  const size = () => ({ width: frame.current?.clientWidth ?? 0, height: frame.current?.clientHeight ?? 0 })
  const fit = () => {
    const { width, height } = size()
    const zoom = clamp(Math.min((width - 48) / layout.width, (height - 48) / layout.height, 1))
    show({ zoom, x: layout.width / 2 - width / zoom / 2, y: layout.height / 2 - height / zoom / 2 })
  }
  const center = (id: string, zoom = view.current.zoom) => {
    const box = layout.boxes.find((one) => one.id === id)
    if (box === undefined) return
    const { width, height } = size()
    show({ zoom, x: box.x + box.width / 2 - width / zoom / 2, y: box.y + box.height / 2 - height / zoom / 2 })
  }
  const zoomBy = (factor: number, at?: { readonly x: number; readonly y: number }) => {
    const { width, height } = size()
    const point = at ?? { x: width / 2, y: height / 2 }
    const { x, y, zoom } = view.current
    const next = clamp(zoom * factor)
    show({ zoom: next, x: x + point.x / zoom - point.x / next, y: y + point.y / zoom - point.y / next })
  }
  const moveBy = (dx: number, dy: number) => {
    const { x, y, zoom } = view.current
    show({ zoom, x: x + dx / zoom, y: y + dy / zoom })
  }

  useLayoutEffect(() => {
    const { width, height } = size()
    const whole = Math.min((width - 48) / layout.width, (height - 48) / layout.height)
    if (whole >= 0.6 || focus === undefined) fit()
    else center(focus, width < 500 ? 0.75 : 0.9)
  }, [layout])
  useEffect(() => {
    if (focus !== undefined && !isSeen(layout, focus, drawnWindow())) center(focus)
  }, [focus])
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(() => show(view.current, true))
    observer.observe(element)
    return () => observer.disconnect()
  }, [layout])
  const drawnWindow = () => ({ ...view.current, ...size() })

  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const scale = event.deltaMode === 1 ? 16 : 1
      if (event.ctrlKey || event.metaKey) {
        const bounds = element.getBoundingClientRect()
        zoomBy(Math.exp(-event.deltaY * 0.01), {
          x: event.clientX - bounds.left,
          y: event.clientY - bounds.top,
        })
      } else moveBy(event.deltaX * scale, event.deltaY * scale)
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [layout])

  const drag = useDrag(moveBy, zoomBy)
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key]
    if (event.target !== frame.current) return
    if (move !== undefined) moveBy(move[0], move[1])
    else if (event.key === '+' || event.key === '=') zoomBy(1.25)
    else if (event.key === '-') zoomBy(0.8)
    else if (event.key === '0') fit()
    else return
    event.preventDefault()
  }
  const isNear = nearness(drawn)
  const isSmall = drawn.zoom < SMALL
  return (
    <div class="canvas">
      <div
        class="canvas-frame"
        ref={frame}
        tabIndex={0}
        role="group"
        aria-label={`${label}. Arrow keys move, plus and minus zoom, 0 shows all.`}
        onKeyDown={onKeyDown}
        {...drag}
      >
        <svg width="100%" height="100%" aria-hidden={isSmall}>
          <g ref={layer}>
            {layout.lines
              .filter(({ points }) => points.some(isNear) || spans(points, drawn))
              .map((line) => (
                <path
                  key={`${line.from} ${line.to}`}
                  d={curve(line.points)}
                  class={`line ${styleLine?.(line) ?? ''}`}
                />
              ))}
            {layout.boxes
              .filter(({ x, y, width, height }) => isNear([x, y]) || isNear([x + width, y + height]))
              .map((box) => (
                <g key={box.id} transform={`translate(${box.x} ${box.y})`}>
                  {drawBox(box, isSmall)}
                </g>
              ))}
          </g>
        </svg>
      </div>
      <div class="canvas-tools">
        <button type="button" onClick={() => zoomBy(1.25)} aria-label="Zoom in" title="Zoom in (+)">
          +
        </button>
        <button type="button" onClick={() => zoomBy(0.8)} aria-label="Zoom out" title="Zoom out (−)">
          −
        </button>
        <button type="button" onClick={fit} title="Show all (0)">
          Fit
        </button>
      </div>
    </div>
  )
}

const STEP = 80
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
  PageUp: [0, -6 * STEP],
  PageDown: [0, 6 * STEP],
}

/** One pointer moves, two zoom. A click on a box stays a click. */
function useDrag(
  moveBy: (dx: number, dy: number) => void,
  zoomBy: (factor: number, at?: { readonly x: number; readonly y: number }) => void,
) {
  const pointers = useRef(new Map<number, { x: number; y: number }>())
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
    },
    onPointerMove: (event: PointerEvent) => {
      const last = pointers.current.get(event.pointerId)
      if (last === undefined) return
      const now = { x: event.clientX, y: event.clientY }
      const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId)
      if (other === undefined) moveBy(last.x - now.x, last.y - now.y)
      else zoomBy(distance(now, other[1]) / Math.max(1, distance(last, other[1])))
      pointers.current.set(event.pointerId, now)
    },
    onPointerUp: (event: PointerEvent) => pointers.current.delete(event.pointerId),
    onPointerCancel: (event: PointerEvent) => pointers.current.delete(event.pointerId),
    onPointerLeave: (event: PointerEvent) => pointers.current.delete(event.pointerId),
  }
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function clamp(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, Number.isFinite(zoom) ? zoom : 1))
}

type Sized = Window & { readonly width: number; readonly height: number }

function nearness({ x, y, zoom, width, height }: Sized): (point: readonly [number, number]) => boolean {
  const margin = MARGIN / zoom
  return ([px, py]) =>
    px > x - margin && px < x + width / zoom + margin && py > y - margin && py < y + height / zoom + margin
}

/** A long line may pass through the window with both ends outside. */
function spans(points: readonly (readonly [number, number])[], { y, zoom, height }: Sized): boolean {
  const [first, last] = [points[0]?.[1] ?? 0, points.at(-1)?.[1] ?? 0]
  return first < y && last > y + height / zoom
}

function isSeen(layout: Layout, id: string, { x, y, zoom, width, height }: Sized): boolean {
  const box = layout.boxes.find((one) => one.id === id)
  if (box === undefined) return true
  return (
    box.x >= x &&
    box.y >= y &&
    box.x + box.width <= x + width / zoom &&
    box.y + box.height <= y + height / zoom
  )
}

function curve(points: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let [fromX, fromY] = first
  let path = `M${round(fromX)} ${round(fromY)}`
  for (const [x, y] of rest) {
    const middle = (fromY + y) / 2
    path += `C${round(fromX)} ${round(middle)} ${round(x)} ${round(middle)} ${round(x)} ${round(y)}`
    ;[fromX, fromY] = [x, y]
  }
  return path
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
