import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application, TSConfigReader } from 'typedoc'
import { base, repositoryUrl, root } from './places.js'

/**
 * Writes the API reference of every published library, from its docstrings.
 *
 * @param {string} target
 */
export async function writeApi(target) {
  const app = await Application.bootstrap(
    {
      entryPoints: listEntryPoints(),
      tsconfig: join(root, 'tools/docs/tsconfig.api.json'),
      name: 'Tidemark API',
      readme: 'none',
      navigationLinks: { Documentation: base },
      excludeInternal: true,
      excludePrivate: true,
      sourceLinkTemplate: `${repositoryUrl}/blob/main/{path}#L{line}`,
      basePath: root,
      displayBasePath: root,
      disableGit: true,
      githubPages: false,
      logLevel: 'Error',
      // What the compiler checks is checked by `npm test`, with the compiler of the workspace.
      skipErrorChecking: true,
    },
    [new TSConfigReader()],
  )
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read the libraries')
  await app.generateDocs(project, target)
}

function listEntryPoints() {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const path = join(root, 'packages', folder, 'package.json')
    if (!existsSync(path)) return []
    const { private: isPrivate = false, exports, publishConfig } = JSON.parse(readFileSync(path, 'utf8'))
    if (isPrivate) return []
    return Object.keys(publishConfig.exports)
      .map((key) => exports[key]['@tidemark/source'])
      .filter((source) => source !== undefined)
      .map((source) => join(root, 'packages', folder, source))
  })
}
