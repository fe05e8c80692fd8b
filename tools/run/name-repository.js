// Before publishing: writes into each published manifest the repository whose workflow builds it. The
// registry takes a package with provenance only when both agree
// (https://docs.npmjs.com/generating-provenance-statements). Outside of GitHub Actions nothing changes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url))
const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server = 'https://github.com' } = process.env

if (repository !== undefined) {
  const libraries = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
  for (const directory of [...libraries, 'apps/cli']) {
    const path = join(root, directory, 'package.json')
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    manifest.repository = { type: 'git', url: `git+${server}/${repository}.git`, directory }
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
  }
}
