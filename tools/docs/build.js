// `pnpm run docs:build`: makes the documentation a static site in tools/docs/dist, with a search and the API
// reference. The pages are the Markdown of docs/, which stays readable on GitHub; nothing lists them by hand.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vitepress'
import { findDeadLinks } from './src/find-dead-links.js'
import { root, siteFolder, stageFolder } from './src/places.js'
import { writeApi } from './src/write-api.js'
import { writePages } from './src/write-pages.js'

const started = performance.now()
for (const folder of [stageFolder, siteFolder]) rmSync(folder, { recursive: true, force: true })
mkdirSync(stageFolder, { recursive: true })
writePages(stageFolder)
await build(join(root, 'tools/docs'))
await writeApi(join(siteFolder, 'api'))

const dead = findDeadLinks(siteFolder)
for (const { page, link } of dead) process.stderr.write(`dead link in ${page}: ${link}\n`)
if (dead.length > 0) process.exit(1)
process.stdout.write(`built ${siteFolder} in ${Math.round((performance.now() - started) / 1000)} s\n`)
