import { type Diagnostic, sha256Hex } from '@tidemark/core'
import { needsLook, notCarriedOver } from '../foreign/findings.ts'
import { type ForeignFile, type ForeignProject, hasText, wholeFile } from '../foreign/foreign-project.ts'
import { compareText } from '../foreign/version-order.ts'

const FILE = /^([^/]+)\/migration\.sql$/

/** Reads `prisma/migrations`: a folder a migration, in the order of their names; a `down.sql` beside it is the way back. */
export function readPrisma(files: readonly ForeignFile[]): ForeignProject {
  const texts = files.filter(hasText)
  const byName = new Map(texts.map((file) => [file.name, file]))
  const folderOf = (name: string): string => FILE.exec(name)?.[1] ?? ''
  const migrations = texts
    .filter(({ name }) => FILE.test(name))
    .sort((a, b) => compareText(folderOf(a.name), folderOf(b.name)))
    .map((file) => {
      const folder = folderOf(file.name)
      const down = byName.get(`${folder}/down.sql`)
      return {
        version: folder,
        name: folder,
        description: undefined,
        up: wholeFile(file),
        down: down === undefined ? undefined : wholeFile(down),
        transaction: 'required' as const,
        run: 'once' as const,
        fingerprint: sha256Hex(file.text),
      }
    })
  return { migrations, findings: [...texts.flatMap(checkProvider), ...files.flatMap(describeOther)] }
}

function checkProvider(file: ForeignFile & { readonly text: string }): readonly Diagnostic[] {
  if (file.name !== 'migration_lock.toml') return []
  const provider = /^\s*provider\s*=\s*"([^"]*)"/m.exec(file.text)
  const name = provider?.[1] ?? ''
  if (provider === null || ['postgresql', 'postgres', 'cockroachdb'].includes(name)) return []
  const span = { start: provider.index, end: provider.index + provider[0].length }
  const source = { path: file.path, text: file.text }
  return [
    needsLook(source, span, `the migrations are for ${name}`, 'Tidemark is for PostgreSQL: translate them'),
  ]
}

function describeOther({ name, path }: ForeignFile): readonly Diagnostic[] {
  if (!name.endsWith('.sql') || FILE.test(name) || name.endsWith('/down.sql')) return []
  const message = 'Prisma passes it over: only FOLDER/migration.sql is a migration'
  return [notCarriedOver(path, message, 'add it with `tidemark new` if it belongs here')]
}
