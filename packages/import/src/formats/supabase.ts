import type { Diagnostic } from '@tidemark/core'
import { notCarriedOver } from '../foreign/findings.ts'
import {
  baseName,
  type ForeignFile,
  type ForeignProject,
  hasText,
  wholeFile,
} from '../foreign/foreign-project.ts'
import { compareText, findSharedVersions } from '../foreign/version-order.ts'
import { judgeByVersion } from '../history/judge-by-version.ts'
import type { ImportFormat } from '../import-format.ts'

const FILE = /^(\d+)_([^/]*)\.sql$/

/** Supabase: files `TIMESTAMP_name.sql` in the order of their names; each is one batch, without a @down. */
export const supabase: ImportFormat = {
  title: 'Supabase',
  folders: ['supabase/migrations'],
  signs: ['supabase/config.toml'],
  beside: ['seed.sql', 'roles.sql', 'seeds', 'schemas'],
  // Its files have no mark of their own.
  recognizes: ({ path }) => /(^|\/)supabase\/migrations\/?$/.test(path),
  looksLike: ['plain'],
  read,
  history: {
    table: { schema: 'supabase_migrations', name: 'schema_migrations', columns: ['version'] },
    judge: judgeByVersion,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const texts = files.filter(hasText).filter(({ name }) => FILE.test(name))
  const migrations = texts
    .sort((a, b) => compareText(a.name, b.name))
    .map((file) => ({
      version: FILE.exec(file.name)?.[1] ?? file.name,
      name: file.name.slice(0, -'.sql'.length),
      description: undefined,
      up: wholeFile(file),
      down: undefined,
      transaction: 'required' as const,
      run: 'once' as const,
    }))
  const findings = files.filter((file) => !FILE.test(file.name)).flatMap(describeOther)
  return { migrations, findings: [...findings, ...findSharedVersions(migrations)] }
}

function describeOther({ name, path }: ForeignFile): readonly Diagnostic[] {
  if (/(^|\/)seeds?(\/.*)?\.sql$/.test(name)) {
    return [
      notCarriedOver(
        path,
        'seed data is not a migration',
        'keep loading it with `supabase db reset`, or with psql',
      ),
    ]
  }
  if (baseName(name) === 'roles.sql' && name.startsWith('..')) {
    return [notCarriedOver(path, 'roles belong to the whole server', 'keep loading them with Supabase')]
  }
  if (name.startsWith('../schemas/')) {
    return [
      notCarriedOver(
        path,
        'declarative schemas are not read',
        'their migrations are imported; write the next ones by hand',
      ),
    ]
  }
  if (!name.endsWith('.sql') || name.startsWith('..')) return []
  const message = 'ignored by Supabase: the name is not TIMESTAMP_name.sql'
  return [notCarriedOver(path, message, 'if it belongs here, add it with `tidemark new`')]
}
