import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { makeReport } from '@tidemark/report'
import type { SchemaEvolution } from '@tidemark/shadow'
import { embeddedPath } from '../config/embedded-url.ts'
import type { Settings } from '../config/settings.ts'
import { type Project, readProject } from '../project/read-project.ts'
import {
  followProject,
  projectName,
  type ReportRequest,
  readDatabase,
} from '../project-report/make-project-report.ts'
import { renderPage } from '../project-report/write-page.ts'
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
  #evolution: { readonly of: string; readonly made: SchemaEvolution } | undefined
  #following: { readonly of: string; readonly stop: AbortController } | undefined
  #reading: Promise<void> | undefined
  #isDue = false
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

  /** Reads everything again; once for all who ask while it reads. */
  refresh(): Promise<void> {
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
    const { request, toolVersion, redact, signal } = this.#options
    const project = await readProject(this.#settings)
    const database = await readDatabase(this.#settings, project, request, signal)
    this.#databaseMark = (await this.#markDatabase()) ?? ''
    const report = makeReport({
      toolVersion,
      project: projectName(this.#settings),
      generatedAt: new Date(),
      graph: project.graph,
      findings: [...project.notes, ...(database?.findings ?? [])],
      details: request.details,
      ...(database === undefined ? {} : { database: database.report }),
      ...(this.#evolution === undefined ? {} : { evolution: this.#evolution.made }),
    })
    const content = redact({ ...report, generatedAt: '' })
    if (content !== this.#shown.content) {
      this.#shown = { document: redact(report), content }
      this.#send('report', this.#shown.document)
    }
    this.#tell(null)
    if (request.schema === 'executed') void this.#follow(project)
  }

  /** Executing takes longer than reading: what was shown before stays until it is done. */
  async #follow(project: Project): Promise<void> {
    const migrations = project.graph.nodes.map(({ migration }) => migration)
    const of = migrations.map(({ checksum }) => checksum).join()
    if (of === this.#evolution?.of || of === this.#following?.of) return
    this.#following?.stop.abort()
    const stop = new AbortController()
    this.#following = { of, stop }
    const signal = AbortSignal.any([stop.signal, this.#options.signal])
    try {
      const made = await followProject(this.#settings, migrations, { onProgress: () => {}, signal })
      if (signal.aborted) return
      this.#evolution = { of, made }
      this.#following = undefined
      await this.refresh()
    } catch (error) {
      if (!signal.aborted) this.#tell(describeProblem(error))
    }
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
