import { type Diagnostic, sha256Hex } from '@tidemark/core'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import { type ForeignFile, type ForeignProject, hasText, wholeFile } from '../foreign/foreign-project.ts'
import { compareText } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { findChangedSince, judgeVersions } from '../history/judge-by-version.ts'
import { hasName, type ImportFormat } from '../import-format.ts'

const FILE = /^([^/]+)\/migration\.sql$/

const LOCK = /^migration_lock\.toml$/

/** Finished and not rolled back is applied. */
const judge: JudgeHistory = (rows, migrations) => {
  const kept = rows.filter((row) => row['rolled_back_at'] === null)
  const failed = kept.find((row) => row['finished_at'] === null)
  const checksums = new Map(kept.map((row) => [row['migration_name'] ?? '', row['checksum'] ?? '']))
  const refusal = failed && {
    message: `"${failed['migration_name']}" failed half way`,
    help: 'fix the database by hand, run `prisma migrate resolve`, and import again',
  }
  const findings = migrations.flatMap((migration) =>
    findChangedSince(migration, checksums.get(migration.version), 'Prisma'),
  )
  return { ...judgeVersions(new Set(checksums.keys()), migrations), findings, refusal }
}

/** Prisma: a folder a migration, in the order of their names; a `down.sql` beside it becomes @down. */
export const prisma: ImportFormat = {
  title: 'Prisma',
  folders: ['prisma/migrations'],
  signs: ['prisma/schema.prisma', 'schema.prisma', 'prisma.config.ts'],
  reads: LOCK,
  keeps: LOCK,
  recognizes: (folder) => hasName(folder, FILE) || hasName(folder, LOCK),
  read,
  history: {
    table: {
      schema: 'public',
      name: '_prisma_migrations',
      columns: ['migration_name', 'finished_at', 'rolled_back_at', 'checksum'],
    },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
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
  if (!LOCK.test(file.name)) return []
  const provider = /^\s*provider\s*=\s*"([^"]*)"/m.exec(file.text)
  const name = provider?.[1] ?? ''
  if (provider === null || ['postgresql', 'postgres', 'cockroachdb'].includes(name)) return []
  const span = { start: provider.index, end: provider.index + provider[0].length }
  const source = { path: file.path, text: file.text }
  return [
    needsReview(source, span, `the migrations are for ${name}`, 'Tidemark is for PostgreSQL: translate them'),
  ]
}

function describeOther({ name, path }: ForeignFile): readonly Diagnostic[] {
  if (!name.endsWith('.sql') || FILE.test(name) || name.endsWith('/down.sql')) return []
  const message = 'ignored by Prisma: only FOLDER/migration.sql is a migration'
  return [notCarriedOver(path, message, 'add it with `tidemark new` if it belongs here')]
}
