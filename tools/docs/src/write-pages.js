import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { repositoryUrl, root } from './places.js'

/** Pages outside of docs/ that the site has too. */
const MORE_PAGES = ['CONTRIBUTING.md', 'SECURITY.md']

/**
 * Copies every Markdown page, with links that a site can follow: those to pages are kept, those to other files
 * of the repository lead to the repository.
 *
 * @param {string} target
 */
export function writePages(target) {
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll(sep, '/')}`)
  for (const page of [...pages, ...MORE_PAGES]) {
    const path = join(target, toSitePath(page))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, rewriteLinks(page, readFileSync(join(root, page), 'utf8')))
  }
}

/** @param {string} page */
function toSitePath(page) {
  return page.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md')
}

/**
 * @param {string} page
 * @param {string} text
 */
function rewriteLinks(page, text) {
  return text.replace(/\]\((?!\w+:|#)([^)\s#]*)(#[^)\s]*)?\)/g, (_, link, anchor = '') => {
    const file = normalize(join(dirname(page), link)).replaceAll(sep, '/')
    if (!existsSync(join(root, file))) throw new Error(`${page} links to ${link}, which does not exist`)
    const target = file.endsWith('.md') ? file : `${file.replace(/\/$/, '')}/README.md`
    const isPage = target.startsWith('docs/') || MORE_PAGES.includes(target)
    if (!isPage || !existsSync(join(root, target))) return `](${repositoryUrl}/blob/main/${file}${anchor})`
    return `](${relative(dirname(toSitePath(page)), toSitePath(target)).replaceAll(sep, '/')}${anchor})`
  })
}
