import { listFolderPairs } from '../foreign/folder-pairs.ts'
import { type ForeignFile, type ForeignProject, hasText, wholeFile } from '../foreign/foreign-project.ts'
import { compareText, findSharedVersions } from '../foreign/version-order.ts'
import { judgeByVersion } from '../history/judge-by-version.ts'
import { hasName, type ImportFormat } from '../import-format.ts'

const METADATA = /^[^/]+\/metadata\.toml$/

/** Diesel: a folder a migration, with `up.sql` and `down.sql`, in the order of their versions. */
export const diesel: ImportFormat = {
  title: 'Diesel',
  folders: ['migrations', 'diesel/migrations'],
  signs: ['diesel.toml'],
  findFolder: (config) => /^\s*dir\s*=\s*"([^"]+)"/m.exec(config)?.[1],
  reads: METADATA,
  keeps: METADATA,
  recognizes: (folder) => hasName(folder, /^(?:\d{4}-\d{2}-\d{2}-\d{6}|0{14})_[^/]*\/up\.sql$/),
  hasDirections: true,
  read,
  history: {
    table: { schema: 'public', name: '__diesel_schema_migrations', columns: ['version'] },
    judge: judgeByVersion,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const withoutTransaction = new Set(
    files
      .filter(hasText)
      .filter(({ name, text }) => METADATA.test(name) && /^\s*run_in_transaction\s*=\s*false\b/m.test(text))
      .map(({ name }) => name.slice(0, name.lastIndexOf('/'))),
  )
  const migrations = listFolderPairs(files)
    .filter(({ folder }) => !folder.includes('/'))
    .map(({ folder, up, down }) => ({
      version: versionOf(folder),
      name: folder,
      description: undefined,
      up: wholeFile(up),
      down: down && wholeFile(down),
      transaction: withoutTransaction.has(folder) ? ('none' as const) : ('required' as const),
      run: 'once' as const,
    }))
    .sort((a, b) => compareText(a.version, b.version) || compareText(a.name, b.name))
  return { migrations, findings: findSharedVersions(migrations) }
}

/** What comes before the first `_`, without `-`: so it is in the table. */
function versionOf(folder: string): string {
  return (folder.split('_')[0] ?? '').replaceAll('-', '')
}
