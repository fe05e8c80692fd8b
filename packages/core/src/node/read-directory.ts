import { relative, resolve, sep } from 'node:path'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { sortDiagnostics } from '../diagnostic/sort-diagnostics.ts'
import type { ParsedMigration } from '../migration/parse-migration.ts'
import type { MigrationReader, ReadMigrations } from '../ports/migration-reader.ts'
import { err, ok, type Result } from '../result.ts'
import { compareIds } from '../text/compare-ids.ts'
import { type DisplayPath, findSqlFiles } from './find-sql-files.ts'
import type { KnownFiles } from './known-files.ts'
import { createFileParser } from './parse-files.ts'
import { readFiles } from './read-files.ts'
import { readLargeMigration } from './read-large-migration.ts'

/** Options of {@link createDirectoryReader}. */
export interface DirectoryReaderOptions {
  /** The folder, relative to the working directory or absolute. */
  readonly directory: string
  /** The schema of the tracking tables, which no file may drop. Default `public`. */
  readonly schema?: string
  /**
   * The folder that paths in messages are relative to. Default: the working directory when the reader is
   * made.
   */
  readonly base?: string
  /** Spares the parsing of files that were parsed before. Default: all are parsed. */
  readonly known?: KnownFiles | undefined
}

type ReadFile = Result<ParsedMigration, readonly Diagnostic[]>

/**
 * Reads migrations from a folder and its subfolders: every `*.sql` file, dot-files passed over, each read and
 * parsed once. Migrations come sorted by id whatever the file system's order; all problems of all files come
 * at once, sorted. An empty folder gives no migrations and the warning TM7023. Files over 16 MiB are read in
 * pieces and never held, see `LargeContent`.
 *
 * @throws TidemarkError, from `readMigrations`: TM7020 no such folder, TM7021 a file, TM7022 something cannot
 *   be read.
 * @example
 * const read = await createDirectoryReader({ directory: 'migrations' }).readMigrations()
 * if (read.ok) console.log(read.value.migrations.map(({ id }) => id))
 */
export function createDirectoryReader(options: DirectoryReaderOptions): MigrationReader {
  const directory = resolve(options.directory)
  const display = displayFrom(resolve(options.base ?? '.'))
  const trackingSchema = options.schema ?? 'public'
  return {
    async readMigrations(signal) {
      const { files: paths, misnamed } = await findSqlFiles(directory, display)
      const files: ReadFile[] = []
      const { parse, recall, done } = createFileParser(trackingSchema, options.known)
      const reading = {
        display,
        signal,
        recall: (path: string, bytes: Uint8Array) => recall(display(path), bytes),
      }
      for await (const slice of readFiles(paths, reading)) {
        for (const [path, content] of slice) {
          if (content.kind === 'recalled') files.push(ok({ migration: content.migration, notes: [] }))
          else if (content.kind === 'bytes') files.push(parse(display(path), content.bytes))
          else {
            const { sizeBytes } = content
            files.push(await readLargeMigration({ path, sizeBytes, display, trackingSchema, signal }))
          }
        }
      }
      done()
      const warnings = misnamed.map((path) => notRead(display(path)))
      return collect(files, files.length === 0 ? [emptyFolder(display(directory)), ...warnings] : warnings)
    },
  }
}

function collect(
  files: readonly ReadFile[],
  warnings: readonly Diagnostic[],
): Result<ReadMigrations, readonly Diagnostic[]> {
  const migrations = files.flatMap((file) => (file.ok ? [file.value.migration] : []))
  const found = files.flatMap((file) => (file.ok ? file.value.notes : file.error))
  const diagnostics = sortDiagnostics([...found, ...warnings])
  if (migrations.length < files.length) return err(diagnostics)
  migrations.sort((a, b) => compareIds(a.id, b.id) || compareIds(a.source.path, b.source.path))
  return ok({ migrations, notes: diagnostics })
}

function emptyFolder(path: string): Diagnostic {
  const message = `the migrations folder "${path}" contains no .sql file`
  const help = 'create the first migration: `tidemark new NAME`'
  return { code: 'TM7023', severity: 'warning', message, help }
}

function notRead(path: string): Diagnostic {
  const message = `"${path}" is not read: its name does not end in .sql`
  const help = 'rename it if it is a migration, else move it out of the migrations folder'
  return { code: 'TM7028', severity: 'warning', message, help }
}

/** What lies below the base, as nearly all does, needs no more than its beginning cut off. */
function displayFrom(base: string): DisplayPath {
  const start = base.endsWith(sep) ? base : base + sep
  const below = (path: string) =>
    path.startsWith(start) ? path.slice(start.length) : relative(base, path) || '.'
  return sep === '/' ? below : (path) => below(path).replaceAll(sep, '/')
}
