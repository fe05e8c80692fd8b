/**
 * Tells whether no tool looks at a file or folder of this name: it is hidden, or holds packages.
 *
 * @example isUnseen('.gitkeep') // true
 */
export function isUnseen(base: string): boolean {
  return base.startsWith('.') || base === 'node_modules'
}
