// Writes where the project lives into every published manifest and into the addresses of the error pages. The
// one constant is `repository` in the package.json of the root; in a workflow it is the workflow's repository,
// since the registry takes a package with provenance only when both agree
// (https://docs.npmjs.com/generating-provenance-statements). With `--release` the placeholder is refused.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PLACEHOLDER = 'your-organization'
const args = process.argv.slice(2)
const root =
  args.find((argument) => argument !== '--release') ?? fileURLToPath(new URL('../..', import.meta.url))
const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server = 'https://github.com' } = process.env

const main = readManifest('.')
const url =
  repository === undefined ? main.repository.url.replace(/^git\+|\.git$/g, '') : `${server}/${repository}`
const [owner = '', name = ''] = new URL(url).pathname.split('/').slice(1)
if (args.includes('--release') && owner === PLACEHOLDER) {
  process.stderr.write('package.json: "repository" is still a placeholder; write where the project lives\n')
  process.exit(1)
}

const homepage = `https://${owner.toLowerCase()}.github.io/${name}`
const libraries = readdirSync(join(root, 'packages')).map((folder) => `packages/${folder}`)
for (const directory of ['.', ...libraries, 'apps/cli']) {
  if (!existsSync(join(root, directory, 'package.json'))) continue
  const { homepage: _, repository: __, bugs: ___, ...rest } = readManifest(directory)
  const place = directory === '.' ? {} : { directory }
  const own = {
    homepage,
    repository: { type: 'git', url: `git+${url}.git`, ...place },
    bugs: `${url}/issues`,
  }
  const fields = Object.entries(rest)
  const after = fields.findIndex(([key]) => key === 'license') + 1
  const manifest = Object.fromEntries([
    ...fields.slice(0, after),
    ...Object.entries(own),
    ...fields.slice(after),
  ])
  writeFileSync(join(root, directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

const source = join(root, 'packages/core/src/diagnostic/error-page.ts')
writeFileSync(
  source,
  readFileSync(source, 'utf8').replace(/(DOCUMENTATION = ')[^']*/, (_, start) => start + homepage),
)

/** @param {string} directory */
function readManifest(directory) {
  return JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'))
}
