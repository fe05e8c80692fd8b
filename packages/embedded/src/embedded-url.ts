/** Where an embedded database lives. */
export type EmbeddedLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'directory'; readonly path: string }

/**
 * Reads `pglite:memory` and `pglite:PATH`; undefined for every other text. What follows the colon is a path
 * of this platform, unchanged, so `pglite:C:\data` and `pglite:./data` are read alike. A directory of the
 * name `memory` is `pglite:./memory`.
 *
 * @example parseEmbeddedUrl('pglite:.tidemark/db') // { kind: 'directory', path: '.tidemark/db' }
 */
export function parseEmbeddedUrl(url: string): EmbeddedLocation | undefined {
  const path = /^pglite:(?:\/\/(?=[^/]|$))?(.*)$/is.exec(url)?.[1]
  if (path === undefined || path === '') return undefined
  return path === 'memory' ? { kind: 'memory' } : { kind: 'directory', path }
}
