import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { classify, TidemarkError } from '@tidemark/core'
import { makeReport } from '@tidemark/report'
import type { SchemaEvolution } from '@tidemark/shadow'
import { embeddedPath } from '../config/embedded-url.ts'
import type { Settings } from '../config/settings.ts'
import { type Project, readProject } from '../project/read-project.ts'
import {
  type ComparedDatabase,
  compareDatabase,
  followProject,
  projectName,
  type ReadDatabase,
  type ReportRequest,
  readDatabase,
} from '../project-report/make-project-report.ts'
import { renderPage } from '../project-report/write-page.ts'
import { SlowResult } from './slow-result.ts'
import type { StudioContent, StudioEvent } from './studio-server.ts'

/** What a studio shows, and how. */
export interface StudioStateOptions {
  readonly request: ReportRequest
  readonly toolVersion: string
  /** Writes a document without secrets. */
  readonly redact: (document: unknown) => string
  readonly signal: AbortSignal
}

/** The report of a project as it is now: files, database, and the schema as soon as it is found. */
export class StudioState implements StudioContent {
  readonly #settings: Settings
  readonly #options: StudioStateOptions
  #send: (event: StudioEvent, data: string) => void = () => {}
  /** The document as JSON, and the same without the time at which it was made. */
  #shown = { document: 'null', content: '' }
  #problem: string | null = null
  readonly #evolution = new SlowResult<SchemaEvolution>()
  readonly #comparison = new SlowResult<ComparedDatabase>()
  #reading: Promise<void> | undefined
  #isDue = false
  #isDatabaseDue = false
  #database: ReadDatabase | undefined
  #databaseMark = ''

  constructor(settings: Settings, options: StudioStateOptions) {
    this.#settings = settings
    this.#options = options
  }

  /** From here on every change is sent. */
  connect(send: (event: StudioEvent, data: string) => void): void {
    this.#send = send
  }

  page = async (): Promise<string> => {
    const page = await renderPage(this.#shown.document)
    return page.replace('<html lang="en">', '<html lang="en" data-live="true">')
  }

  greeting = (): readonly (readonly [StudioEvent, string])[] => [
    ['report', this.#shown.document],
    ['problem', JSON.stringify(this.#problem)],
  ]

  /** Reads files and database again; once for all who ask while it reads. */
  refresh(): Promise<void> {
    this.#isDatabaseDue = true
    return this.refreshFiles()
  }

  /** Reads the files again, and compares them with what was last read of the database, which may take longer. */
  refreshFiles(): Promise<void> {
    this.#isDue = true
    this.#reading ??= this.#readWhileDue().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** The same where the database may have changed. A server has to be asked; an embedded one says it by its files. */
  async refreshIfDatabaseChanged(): Promise<void> {
    if (this.#reading !== undefined || this.#options.request.database === 'left_out') return
    const mark = await this.#markDatabase()
    if (mark === null || mark !== this.#databaseMark) await this.refresh()
  }

  async #readWhileDue(): Promise<void> {
    while (this.#isDue && !this.#options.signal.aborted) {
      this.#isDue = false
      await this.#read().catch((error: unknown) => this.#tell(describeProblem(error)))
    }
  }

  async #read(): Promise<void> {
    const project = await readProject(this.#settings)
    if (!this.#isDatabaseDue || this.#database !== undefined) this.#show(project)
    if (this.#isDatabaseDue) {
      this.#isDatabaseDue = false
      const { request, signal } = this.#options
      this.#database = await readDatabase(this.#settings, project, request, signal)
      this.#databaseMark = (await this.#markDatabase()) ?? ''
      this.#show(project)
    }
    const problem = this.#evolution.problem ?? this.#comparison.problem
    this.#tell(problem === undefined ? null : describeProblem(problem))
    void this.#execute(project)
  }

  #show({ graph, notes }: Project): void {
    const { request, toolVersion, redact } = this.#options
    const database = this.#database
    const evolution = this.#evolution.value
    const states = database === undefined ? undefined : classify({ graph, history: database.history })
    const report = makeReport({
      toolVersion,
      project: projectName(this.#settings),
      generatedAt: new Date(),
      graph,
      findings: [...notes, ...(database?.findings ?? [])],
      details: request.details,
      ...(database === undefined || states === undefined
        ? {}
        : { database: { ...database.report, ...this.#comparison.value, states } }),
      ...(evolution === undefined ? {} : { evolution }),
    })
    const content = redact({ ...report, generatedAt: '' })
    if (content === this.#shown.content) return
    this.#shown = { document: redact(report), content }
    this.#send('report', this.#shown.document)
  }

  /** Executing takes longer than reading: what was shown before stays until it is done. One after the other. */
  async #execute({ graph }: Project): Promise<void> {
    const { request, signal } = this.#options
    const migrations = graph.nodes.map(({ migration }) => migration)
    const files = migrations.map(({ checksum }) => checksum).join()
    if (request.schema === 'executed') {
      const follow = (stop: AbortSignal) =>
        followProject(this.#settings, migrations, { known: this.#evolution.value, signal: stop })
      if (await this.#evolution.renew(files, follow, signal)) await this.refreshFiles()
    }
    const database = this.#database
    if (database === undefined || (request.drift === 'left_out' && request.rehearsal === 'left_out')) return
    const compare = (stop: AbortSignal) => compareDatabase(this.#settings, request, stop)
    const of = [files, ...database.report.attempts.map(({ id, status }) => `${id} ${status}`)].join()
    if (await this.#comparison.renew(of, compare, signal)) await this.refreshFiles()
  }

  #tell(problem: string | null): void {
    if (problem === this.#problem || this.#options.signal.aborted) return
    this.#problem = problem
    this.#send('problem', JSON.stringify(problem))
  }

  /** When an embedded database was last written; null of a server. */
  async #markDatabase(): Promise<string | null> {
    const path = embeddedPath(this.#settings.database ?? '')
    if (path === undefined) return null
    return stat(join(path, 'global', 'pg_control')).then(
      ({ mtimeMs }) => String(mtimeMs),
      () => '',
    )
  }
}

function describeProblem(error: unknown): string {
  if (!(error instanceof TidemarkError)) return error instanceof Error ? error.message : String(error)
  const [first] = error.diagnostics ?? []
  const place = first?.source === undefined ? '' : `${first.source.path}: `
  return `${place}${first?.message ?? error.message} (${first?.code ?? error.code})`
}
