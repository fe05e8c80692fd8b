import { collectAncestors, listIncomparable, type MigrationGraph, TidemarkError } from '@tidemark/core'
import { createWarmCheck, type WarmCheck } from '@tidemark/shadow'
import { type CheckOutcome, checkGraph, judge } from '../check/check.ts'
import { chooseChecked } from '../check/choose-checked.ts'
import type { Settings } from '../config/settings.ts'
import { whyNotDevelopment } from '../database/refuse-drop.ts'
import { requireDatabase } from '../database/require-database.ts'
import { type Project, readProject } from '../project/read-project.ts'
import { openProjectShadow } from '../shadow/open-project-shadow.ts'
import { type ApplySavedContext, applySaved } from './apply-saved.ts'
import { type Changes, compareSeen, type Seen } from './dev-event.ts'
import { watchProject } from './watch-project.ts'

/** How `tidemark dev` runs. */
export interface DevOptions extends ApplySavedContext {
  /** Loads the settings again, after the configuration was saved. */
  readonly reload: () => Promise<Settings>
  /** Only shows. */
  readonly apply: 'where_allowed' | 'never'
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** Watches a project until the signal comes: what is saved is read, checked on a warm shadow, shown, and applied. */
export async function runDev(first: Settings, options: DevOptions): Promise<void> {
  let settings = first
  while (!options.signal.aborted) {
    const session = new DevSession(settings, options)
    const next = await session.run()
    if (next === undefined) return
    settings = next
  }
}

class DevSession {
  readonly #settings: Settings
  readonly #options: DevOptions
  readonly #warm: WarmCheck
  /** Why what is saved is only shown; null where it is applied. */
  readonly #why: string | null
  #seen: Seen = new Map()
  /** What was saved and is not checked yet. */
  #due: Changes = { saved: [], removed: [] }
  #problem = ''
  #stop = new AbortController()
  #working: Promise<void> = Promise.resolve()
  #reading: Promise<void> | undefined
  #isDirty = false

  constructor(settings: Settings, options: DevOptions) {
    this.#settings = settings
    this.#options = options
    this.#why = options.apply === 'never' ? '--show-only' : whyNotDevelopment(settings, options.variables)
    const { variables, lint, exposedSchemas } = settings
    this.#warm = createWarmCheck({
      open: (migrations, signal) => openProjectShadow(settings, migrations, { signal }),
      variables,
      lint: { severities: lint.rules, exposedSchemas },
    })
  }

  /** Gives the new settings once the configuration was saved; undefined when it was interrupted. */
  async run(): Promise<Settings | undefined> {
    const { signal, reload } = this.#options
    await this.#begin()
    return new Promise((resolve, reject) => {
      const watcher = watchProject({
        folder: this.#settings.migrations,
        configPath: this.#settings.configPath,
        onFiles: () => void this.#wake().catch(reject),
        onConfig: () => {
          reload().then(
            (settings) => end(settings),
            (error: unknown) => this.#report(error),
          )
        },
      })
      const end = (settings: Settings | undefined) => {
        watcher.close()
        signal.removeEventListener('abort', interrupt)
        this.#stop.abort(signal.reason)
        this.#working.then(() => this.#warm.close()).then(() => resolve(settings), reject)
      }
      const interrupt = () => end(undefined)
      signal.addEventListener('abort', interrupt, { once: true })
      if (signal.aborted) interrupt()
    })
  }

  async #begin(): Promise<void> {
    const { onEvent } = this.#options
    const { migrations: folder, database } = this.#settings
    const project = await this.#read()
    const target = this.#why === null ? (database ?? null) : null
    const migrations = project?.graph.nodes.length ?? 0
    onEvent({ kind: 'watching', folder, migrations, target, why: this.#why })
    if (project === undefined) return
    this.#seen = seenOf(project)
    const { ids, why } = await chooseChecked(project.graph, { ids: [], all: false, since: undefined }, folder)
    this.#work(project, { saved: why === 'all' ? [] : ids, removed: [] })
  }

  /** Reads the files; what is wrong with them is shown once. */
  async #read(): Promise<Project | undefined> {
    try {
      const project = await readProject(this.#settings)
      this.#problem = ''
      return project
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      const problem = JSON.stringify([error.message, error.diagnostics])
      if (problem !== this.#problem) this.#options.onEvent({ kind: 'problems', error })
      this.#problem = problem
      return undefined
    }
  }

  /** Once for all who call while it reads. */
  #wake(): Promise<void> {
    this.#isDirty = true
    this.#reading ??= this.#readWhileDirty().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readWhileDirty(): Promise<void> {
    while (this.#isDirty && !this.#options.signal.aborted) {
      this.#isDirty = false
      const hadProblem = this.#problem !== ''
      const project = await this.#read()
      if (project === undefined) continue
      const now = seenOf(project)
      const changes = compareSeen(this.#seen, now)
      this.#seen = now
      if (changes.saved.length + changes.removed.length > 0 || hadProblem) this.#work(project, changes)
    }
  }

  /** What is saved while something runs takes its place. */
  #work(project: Project, changes: Changes): void {
    this.#stop.abort()
    const stop = new AbortController()
    this.#stop = stop
    const known = new Set(project.graph.nodes.map(({ migration }) => migration.id))
    this.#due = {
      saved: [...new Set([...this.#due.saved, ...changes.saved])].filter((id) => known.has(id)),
      removed: [...new Set([...this.#due.removed, ...changes.removed])].filter((id) => !known.has(id)),
    }
    const signal = AbortSignal.any([stop.signal, this.#options.signal])
    this.#working = this.#working
      .then(() => (signal.aborted ? undefined : this.#checkAndApply(project, signal)))
      .catch((error: unknown) => {
        if (!signal.aborted) this.#report(error)
      })
  }

  async #checkAndApply(project: Project, signal: AbortSignal): Promise<void> {
    const { onEvent } = this.#options
    const startedAt = performance.now()
    const migrations = project.graph.nodes.map(({ migration }) => migration)
    const changes = this.#due
    const order = migrations.map(({ id }) => id).filter((id) => changes.saved.includes(id))
    if (order.length === 0) await this.#warm.prepare(migrations, [], signal)
    const report = order.length === 0 ? null : await this.#warm.check(migrations, order, signal)
    signal.throwIfAborted()
    const outcome: CheckOutcome = {
      graph: project.graph,
      why: 'saved',
      notes: project.notes,
      fix: null,
      report,
      result: report === null ? 'proven' : judge(report, 'error'),
    }
    this.#due = { saved: [], removed: [] }
    onEvent({ kind: 'checked', outcome, changes, durationMs: performance.now() - startedAt })
    const runs = report === null || report.findings.every(({ part }) => part !== 'runs')
    if (this.#why === null && runs)
      await applySaved(requireDatabase(this.#settings), { ...this.#options, signal })
    if (runs && isOrdered(project.graph, order) === false) await this.#checkOrder(project, order, signal)
  }

  async #checkOrder({ graph, notes }: Project, ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { toolVersion: version, onEvent } = this.#options
    const request = {
      parts: ['order'],
      failOn: 'error',
      cache: 'use',
      version,
      onProgress: () => {},
      signal,
    } as const
    const outcome = await checkGraph(this.#settings, request, { graph, ids, why: 'saved', notes })
    const found = outcome.report?.findings ?? []
    if (!signal.aborted && found.some(({ part }) => part === 'order')) onEvent({ kind: 'order', outcome })
  }

  #report(error: unknown): void {
    if (!(error instanceof TidemarkError)) throw error
    this.#options.onEvent({ kind: 'failed', error })
  }
}

function seenOf({ graph }: Project): Seen {
  return new Map(
    graph.nodes.map(({ migration }) => [migration.id, `${migration.checksum} ${migration.source.path}`]),
  )
}

/** Whether dependencies order each of these with every other migration. */
function isOrdered(graph: MigrationGraph, ids: readonly string[]): boolean {
  const dependencies = graph.nodes.map((node) => node.dependencies)
  const checked = new Set(ids.flatMap((id) => graph.indexes.get(id) ?? []))
  return listIncomparable(collectAncestors(dependencies), checked).length === 0
}
