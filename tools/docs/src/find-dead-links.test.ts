import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findDeadLinks } from './find-dead-links.js'
import { base } from './places.js'

function writeSite(pages: Readonly<Record<string, string>>): string {
  const site = mkdtempSync(join(tmpdir(), 'tidemark-site-'))
  onTestFinished(() => rmSync(site, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(site, path)), { recursive: true })
    writeFileSync(join(site, path), text)
  }
  return site
}

test('links to pages without ending, to folders, anchors, files and other hosts are found', () => {
  const site = writeSite({
    'index.html': `<h1 id="top">x</h1><a class="a" href="${base}guide#two&amp;three">g</a><a href="./errors/">e</a><a href="#top">t</a>
      <script src="${base}assets/app.js"></script><a href="https://example.org/nowhere">o</a><a href="mailto:a@b.c">m</a>`,
    'guide.html': '<h2 id="two&amp;three">x</h2><a href="./">up</a>',
    'errors/index.html': '<a href="../guide">g</a>',
    'assets/app.js': '',
  })
  expect(findDeadLinks(site)).toEqual([])
})

test('a missing page, anchor, image and a link beside the base are dead', () => {
  const site = writeSite({
    'a.html': `<a href="./b">b</a><a href="#no">n</a><img alt="" src="${base}x.png"><a href="/elsewhere">e</a>`,
  })
  expect(findDeadLinks(site)).toEqual([
    { page: 'a.html', link: './b' },
    { page: 'a.html', link: '#no' },
    { page: 'a.html', link: `${base}x.png` },
    { page: 'a.html', link: '/elsewhere' },
  ])
})
