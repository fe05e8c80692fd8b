import { relative, resolve, sep } from 'node:path'

/**
 * Gives a path as a code host counts it: from the root of the repository, with `/`. A path outside of it stays.
 *
 * @param root of the repository, such as `GITHUB_WORKSPACE`; undefined: the working directory
 */
export function pathInRepository(path: string, root: string | undefined): string {
  if (root === undefined || root === '') return path
  const inside = relative(root, resolve(path)).split(sep).join('/')
  return /^\.\.(?:\/|$)/.test(inside) || resolve(inside) === inside ? path : inside
}
