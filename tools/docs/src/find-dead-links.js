import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { base } from './places.js'

/**
 * Reads the HTML of a built site and follows every link within it, to the anchor too.
 *
 * @param {string} site
 * @returns {{ page: string, link: string }[]} the links that lead nowhere
 */
export function findDeadLinks(site) {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  )
  const anchors = new Map(pages.map((page) => [join(site, page), readAnchors(join(site, page))]))
  return pages.flatMap((page) =>
    readLinks(join(site, page))
      .filter((link) => !leadsSomewhere(site, page, link, anchors))
      .map((link) => ({ page: page.replaceAll(sep, '/'), link })),
  )
}

/** @param {string} path */
function readAnchors(path) {
  return new Set([...readFileSync(path, 'utf8').matchAll(/\sid="([^"]*)"/g)].map(([, id]) => decode(id)))
}

/** Links of this site only. @param {string} path */
function readLinks(path) {
  const links = [
    ...readFileSync(path, 'utf8').matchAll(/<(?:a|link|img|script)\b[^>]*?\s(?:href|src)="([^"]*)"/g),
  ]
  return [...new Set(links.map(([, link]) => decode(link)))].filter((link) => !/^(\w+:|\/\/)/.test(link))
}

/**
 * @param {string} site
 * @param {string} page
 * @param {string} link
 * @param {ReadonlyMap<string, ReadonlySet<string>>} anchors
 */
function leadsSomewhere(site, page, link, anchors) {
  const [path = '', anchor = ''] = link.split('#')
  if (path.startsWith('/') && !path.startsWith(base)) return false
  const target = path.startsWith('/') ? join(site, path.slice(base.length)) : join(site, dirname(page), path)
  const file = path === '' ? join(site, page) : findFile(decodeURI(target))
  if (file === undefined) return false
  return (
    anchor === '' || !file.endsWith('.html') || anchors.get(file)?.has(decodeURIComponent(anchor)) === true
  )
}

/** As a web server finds it: the file, the page without its ending, or the index of a folder. @param {string} target */
function findFile(target) {
  const candidates = [target, `${target.replace(/[\\/]$/, '')}.html`, join(target, 'index.html')]
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile())
}

/** @param {string | undefined} text */
function decode(text = '') {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
