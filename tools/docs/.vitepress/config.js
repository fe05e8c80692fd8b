import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { base, repositoryUrl, stageFolder } from '../src/places.js'

/** TypeDoc's pages, which are loaded as pages of their own. */
const API = { text: 'API reference', link: '/api/', target: '_self' }

/** @type {import('vitepress').UserConfig} */
const config = {
  title: 'Tidemark',
  description: 'SQL migrations for PostgreSQL: plain files, a dependency graph, applied exactly once',
  base,
  srcDir: '.site',
  outDir: 'dist',
  cleanUrls: true,
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: '/guide' },
      { text: 'Commands', link: '/commands' },
      { text: 'Errors', link: '/errors/' },
      API,
    ],
    sidebar: [...listPages(''), ...listFolders(), API],
    socialLinks: [{ icon: 'github', link: repositoryUrl }],
    outline: [2, 3],
  },
}
export default config

/** The pages of a folder by their titles; nothing is listed by hand. @param {string} folder */
function listPages(folder) {
  return readdirSync(join(stageFolder, folder))
    .filter((name) => name.endsWith('.md') && name !== 'index.md')
    .map((name) => join(folder, name).replaceAll('\\', '/').replace(/\.md$/, ''))
    .map((page) => ({ text: readTitle(page), link: `/${page}` }))
    .sort((a, b) => a.text.localeCompare(b.text, 'en'))
}

/** A group for each folder, with the title of its index. */
function listFolders() {
  const folders = readdirSync(stageFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.map(({ name }) => {
    const isIndexed = existsSync(join(stageFolder, name, 'index.md'))
    return {
      text: isIndexed ? readTitle(`${name}/index`) : `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      collapsed: true,
      ...(isIndexed ? { link: `/${name}/` } : {}),
      items: listPages(name),
    }
  })
}

/** @param {string} page */
function readTitle(page) {
  const text = readFileSync(join(stageFolder, `${page}.md`), 'utf8')
  return (/^# (.*)$/m.exec(text)?.[1] ?? page).replaceAll('`', '').replace(/\\(.)/g, '$1')
}
