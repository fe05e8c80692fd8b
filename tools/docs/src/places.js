import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Where the pages are gathered. */
export const stageFolder = join(root, 'tools/docs/.site')
/** Where the site is written. */
export const siteFolder = join(root, 'tools/docs/dist')

const { repository, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The repository's page, for what the site does not show. @type {string} */
export const repositoryUrl = repository.url.replace(/^git\+|\.git$/g, '')
/** The path of the site on its host, with `/` at both ends. */
export const base = `${new URL(homepage).pathname.replace(/\/$/, '')}/`
