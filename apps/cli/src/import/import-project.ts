import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import {
  type Diagnostic,
  idFromPath,
  isSqlFile,
  normalizeText,
  sortDiagnostics,
  TidemarkError,
} from '@tidemark/core'
import { createFile, makeFolder } from '@tidemark/core/node'
import {
  FORMATS,
  type FormatHistory,
  type FormatName,
  type Import,
  type ImportedMigration,
  importMigrations,
  readForeignFolder,
  shownPath,
} from '@tidemark/import'
import type { Settings } from '../config/settings.ts'
import { refuse } from '../project/refuse.ts'
import type { ImportSource } from './import-source.ts'

/** An imported migration, and whether its file is there. */
export interface PlannedImport extends ImportedMigration {
  /** `kept`: a file of this name with other content is there, and stays. */
  readonly state: 'written' | 'unchanged' | 'kept'
}

/** What an import will write; nothing is written yet. */
export interface ImportPlan {
  /** The format; of a recording, the tool in lower case. */
  readonly format: string
  /** The tool, as people write it. */
  readonly title: string
  /** The folder, or the command that was recorded, as messages name it. */
  readonly source: string
  readonly isRecording: boolean
  /** Where the tool keeps what it applied; undefined: it keeps no table. */
  readonly history: FormatHistory | undefined
  /** The folder that is written to: absolute. */
  readonly out: string
  readonly migrations: readonly PlannedImport[]
  readonly findings: readonly Diagnostic[]
}

/**
 * Reads the other tool's files and decides what to write. Files that are there already with the same text are
 * left alone; what differs is kept.
 *
 * @throws {TidemarkError} TM7008 when one folder lies in the other, TM7030 when there is nothing to import,
 * TM7035 when files may be a way back, TM1025 or TM1026 for files that are no text in UTF-8: a chain with a
 * hole would be worse than none.
 */
export async function planImport(
  settings: Pick<Settings, 'migrations' | 'schema'>,
  source: ImportSource,
): Promise<ImportPlan> {
  const out = settings.migrations
  refuseOverlap(source.folder, out, source.format)
  const { files, unreadable } = await readForeignFolder(source.folder)
  const input = { format: source.format, files, out: shownPath(out), trackingSchema: settings.schema }
  const planned = await planFiles(out, (whole) => importMigrations({ ...input, whole }))
  const { migrations, findings } = planned
  if (migrations.length === 0) throw nothingToImport(source, findings)
  const broken = migrations.flatMap(({ foreign }) =>
    [foreign.up, foreign.down].flatMap((section) => unreadable.get(section?.source.path ?? '') ?? []),
  )
  if (broken.length > 0) throw refuse(broken)
  const { title, history } = FORMATS[source.format]
  return {
    ...planned,
    format: source.format,
    title,
    source: shownPath(source.folder),
    isRecording: false,
    history,
  }
}

/**
 * Decides which files are written: what is there already stays.
 *
 * @param convert gets the names of migrations that are not to be split.
 * @throws {TidemarkError} the code of a finding that is an error.
 */
export async function planFiles(
  out: string,
  convert: (whole: ReadonlySet<string>) => Import,
): Promise<Pick<ImportPlan, 'out' | 'migrations' | 'findings'>> {
  const present = await readPresent(out)
  const first = convert(new Set())
  const whole = findWhole(first.migrations, present)
  const { migrations, findings } = whole.size === 0 ? first : convert(whole)
  const refusals = findings.filter(({ severity }) => severity === 'error')
  if (refusals.length > 0) throw refuse(refusals)
  const planned = migrations.map((migration) => ({
    ...migration,
    state: stateOf(migration, present.get(migration.id)),
  }))
  return {
    out,
    migrations: planned,
    findings: sortDiagnostics([
      ...findings,
      ...planned.flatMap((migration) => findingsOf(migration, present.get(migration.id)?.path)),
    ]),
  }
}

/** Writes the files of an import that are not there. */
export async function writeImport({ migrations, out }: ImportPlan): Promise<void> {
  await makeFolder(out)
  for (const { id, text, state } of migrations) {
    if (state === 'written') await createFile(resolve(out, `${id}.sql`), text)
  }
}

interface PresentFile {
  readonly path: string
  readonly text: string
}

async function readPresent(out: string): Promise<ReadonlyMap<string, PresentFile>> {
  if (!existsSync(out)) return new Map()
  const { files } = await readForeignFolder(out, { limit: 0 })
  const sql = files.filter(({ name }) => isSqlFile(name))
  const entries = sql.map(async ({ name, path }): Promise<[string, PresentFile]> => {
    const text = normalizeText(await readFile(resolve(out, name), 'utf8'))
    return [idFromPath(name), { path, text }]
  })
  return new Map(await Promise.all(entries))
}

/**
 * Migrations whose file is there with all that would now be split: a second file for a part of it would apply
 * that part twice.
 */
function findWhole(
  migrations: readonly ImportedMigration[],
  present: ReadonlyMap<string, PresentFile>,
): ReadonlySet<string> {
  const starts = migrations.filter(({ foreign }, index) => migrations[index - 1]?.foreign !== foreign)
  const isWhole = (start: ImportedMigration): boolean => {
    const rest = migrations.filter((part) => part.foreign === start.foreign && part !== start)
    const isKept = stateOf(start, present.get(start.id)) === 'kept'
    return rest.length > 0 && isKept && rest.every(({ id }) => !present.has(id))
  }
  return new Set(starts.filter(isWhole).map(({ foreign }) => foreign.name))
}

function stateOf({ text }: ImportedMigration, present: PresentFile | undefined): PlannedImport['state'] {
  if (present === undefined) return 'written'
  return present.text === text ? 'unchanged' : 'kept'
}

/** What was said of a file when it was written is not said again. */
function findingsOf(
  { state, findings, path, foreign }: PlannedImport,
  present = path,
): readonly Diagnostic[] {
  if (state === 'written') return findings
  if (state === 'unchanged') return []
  return [
    {
      code: 'TM7011',
      severity: 'warning',
      message: `it is there already with other content than "${foreign.up.source.path}" gives, and is kept`,
      source: { path: present, text: '' },
      help: 'nothing to do when you changed it since; else remove it and import again',
    },
  ]
}

function nothingToImport({ format, folder }: ImportSource, findings: readonly Diagnostic[]): TidemarkError {
  const [first] = findings
  return new TidemarkError({
    code: 'TM7030',
    message: `there is no migration of ${FORMATS[format].title} in "${shownPath(folder)}"`,
    help:
      first === undefined
        ? 'name the tool that wrote the files; without a name `tidemark import` finds it out'
        : `"${first.source?.path}": ${first.message}; ${first.help}`,
  })
}

/** Tidemark reads its folder with all subfolders, so foreign files may be neither in it nor around it. */
function refuseOverlap(source: string, out: string, format: FormatName): void {
  if (!isWithin(source, out) && !isWithin(out, source)) return
  const [first = ''] = relative(source, out).split(sep)
  const { amid } = FORMATS[format]
  const isBeside = amid !== undefined && source !== out && !isWithin(source, out) && !amid.belongs.test(first)
  if (isBeside && existsSync(resolve(source, amid.sign))) return
  const where = source === out ? 'the folder that is read' : `"${shownPath(source)}", which is read`
  throw new TidemarkError({
    code: 'TM7008',
    message: `the files would be written to "${shownPath(out)}", ${source === out ? where : `which overlaps ${where}`}`,
    help: `name another folder, such as \`tidemark import ${format} --from ${shownPath(source)} --out ${freeFolder(source)}\`, and make it \`migrations\` of the configuration`,
  })
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`))
}

function freeFolder(source: string): string {
  const beside = dirname(source)
  return shownPath(
    resolve(relative(process.cwd(), source).includes(sep) ? process.cwd() : beside, 'tidemark-migrations'),
  )
}
