import type { GraphJson } from '../schema/file-schemas.ts'
import type { Paint } from '../text/paint.ts'

type Node = GraphJson['nodes'][number]

/**
 * Draws the graph as a tree: `○` depends on nothing, `●` depends on what is above it in its column. Each
 * migration appears once, under the dependency that comes last in the order; its other dependencies are named
 * beside it. Heads are marked.
 *
 * @example
 * // ○ 001_users
 * // ├─● 002_posts  (head)
 * // └─● 003_tags  (head)
 */
export function presentGraphTree({ nodes, heads }: GraphJson, paint: Paint): string {
  const { roots, children } = arrange(nodes)
  const isHead = new Set(heads)
  const label = (node: Node, parent: string | undefined): string => {
    const others = node.dependsOn.filter((id) => id !== parent)
    const also = others.length === 0 ? '' : paint.dim(`  also after ${others.join(', ')}`)
    return `${node.id}${also}${isHead.has(node.id) ? paint.cyan('  (head)') : ''}`
  }
  return roots
    .map((root) => drawTree(root, children, label).join('\n'))
    .reduce((text, tree, index) => (index === 0 ? tree : `${text}${separator(text, tree)}${tree}`), '')
}

function separator(before: string, tree: string): string {
  return tree.includes('\n') || before.slice(before.lastIndexOf('\n\n') + 2).includes('\n●') ? '\n\n' : '\n'
}

interface Arrangement {
  readonly roots: readonly Node[]
  readonly children: ReadonlyMap<string, readonly Node[]>
}

function arrange(nodes: readonly Node[]): Arrangement {
  const places = new Map(nodes.map(({ id }, index) => [id, index]))
  const children = new Map<string, Node[]>()
  const roots: Node[] = []
  for (const node of nodes) {
    const parent = lastOf(node.dependsOn, places)
    const siblings = parent === undefined ? roots : (children.get(parent) ?? [])
    siblings.push(node)
    if (parent !== undefined) children.set(parent, siblings)
  }
  return { roots, children }
}

interface Place {
  readonly node: Node
  readonly parent: string | undefined
  /** What comes before the bullet on this line, and before those of its children. */
  readonly lead: string
  readonly indent: string
}

// A loop over a stack, and chains straight down: 10,000 migrations may be a chain of 10,000.
function drawTree(
  root: Node,
  children: ReadonlyMap<string, readonly Node[]>,
  label: (node: Node, parent: string | undefined) => string,
): readonly string[] {
  const lines: string[] = []
  const stack: Place[] = [{ node: root, parent: undefined, lead: '', indent: '' }]
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { node, parent, lead, indent } = place
    lines.push(`${lead}${parent === undefined ? '○' : '●'} ${label(node, parent)}`)
    stack.push(...placeChildren(node.id, children.get(node.id) ?? [], indent).reverse())
  }
  return lines
}

function placeChildren(parent: string, nodes: readonly Node[], indent: string): Place[] {
  if (nodes.length === 1) return nodes.map((node) => ({ node, parent, lead: indent, indent }))
  return nodes.map((node, index) => {
    const last = index === nodes.length - 1
    return { node, parent, lead: `${indent}${last ? '└─' : '├─'}`, indent: `${indent}${last ? '  ' : '│ '}` }
  })
}

function lastOf(ids: readonly string[], places: ReadonlyMap<string, number>): string | undefined {
  let last: string | undefined
  for (const id of ids) {
    if (last === undefined || (places.get(id) ?? 0) > (places.get(last) ?? 0)) last = id
  }
  return last
}
