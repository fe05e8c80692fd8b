/** What the page shows. Lives in the address after `#`, so that links and the back button work from a file. */
export type Route =
  | { readonly view: 'graph' | 'timeline' | 'target' | 'fleet' }
  | { readonly view: 'migration'; readonly id: string }
  /** After which migration, and compared with which; undefined: the last one, and nothing. */
  | { readonly view: 'schema'; readonly after?: string; readonly since?: string }

/** Reads the part of an address after `#`; what is unknown is the graph. */
export function readRoute(hash: string): Route {
  const [view, first, second] = hash.replace(/^#\/?/, '').split('/').map(decode)
  switch (view) {
    case 'migration':
      return first ? { view, id: first } : { view: 'graph' }
    case 'schema':
      return { view, ...(first ? { after: first } : {}), ...(second ? { since: second } : {}) }
    case 'timeline':
    case 'target':
    case 'fleet':
      return { view }
    default:
      return { view: 'graph' }
  }
}

/** Writes an address. */
export function routeTo(route: Route): string {
  const parts: string[] = [route.view]
  if (route.view === 'migration') parts.push(route.id)
  if (route.view === 'schema' && route.after !== undefined) {
    parts.push(route.after)
    if (route.since !== undefined) parts.push(route.since)
  }
  return `#/${parts.map(encodeURIComponent).join('/')}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
