// Writes what the build ships beside the code: the data directory that every database starts from, and the
// Supabase profile as a file for psql. Runs after tsc.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { supabaseProfileSql } from '../dist/extensions/supabase-profile.js'
import { makeTemplate, TEMPLATE_NAME } from '../dist/template.js'

const inDist = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url))

await makeTemplate(inDist(`assets/${TEMPLATE_NAME}`))
await writeFile(inDist('supabase-profile.sql'), supabaseProfileSql)
