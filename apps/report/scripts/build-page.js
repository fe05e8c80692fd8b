import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Writes the page as one file that loads nothing: script and style are inside, and its policy forbids all others.
 *
 * @param {string} path
 */
export async function buildPage(path) {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@tidemark/source', 'browser', 'module', 'import', 'default'] },
    mode: 'production',
    // Whatever NODE_ENV says: the other way writes paths of this machine into the page.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
    build: {
      write: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      cssCodeSplit: false,
      target: 'es2022',
    },
  })
  if (!('output' in result)) throw new TypeError('one build has one result')
  /** @type {string[]} */
  const scripts = []
  /** @type {string[]} */
  const styles = []
  let page = ''
  for (const file of result.output) {
    if (file.type === 'chunk') scripts.push(file.code)
    else if (file.fileName.endsWith('.css')) styles.push(String(file.source))
    else if (file.fileName.endsWith('.html')) page = String(file.source)
  }
  if (scripts.length !== 1) throw new TypeError(`the page has one script, not ${scripts.length}`)
  const script = (scripts[0] ?? '').trim().replaceAll('</script', '<\\/script')
  const style = styles.join('\n').trim()
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "img-src 'none'",
    // Only the studio asks for anything, and only its own server; a file has no origin that answers.
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const whole = page
    .replace(/<script type="module"[^>]*><\/script>\s*/, '')
    .replace(/<link rel="stylesheet"[^>]*>\s*/, '')
    .replace(
      '<meta charset="utf-8" />',
      () => `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    )
    .replace('</head>', () => `  <style>${style}</style>\n  </head>`)
    .replace('</body>', () => `  <script type="module">${script}</script>\n  </body>`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, whole)
}

/** @param {string} text */
function hash(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
