import { type FileState, IDS, shapeOf, upKey, wholeKey } from './catalogue.ts'

/** A migration that counts as applied, as the model remembers it. */
interface Applied {
  /** What was applied; what the file said then. */
  readonly file: FileState
  /** The place in the order of applying; a re-run leaves it. */
  readonly at: number
  readonly lastAt: number
  /** For `on_change`: what was applied before. */
  readonly earlier: readonly string[]
  /** The run that applied it first; undefined where none did. */
  readonly run: number | undefined
  /** By a mark or by hand, without being executed. */
  readonly isRecorded: boolean
}

/** A run of `up`, or one that rolled back and applied. */
interface Run {
  readonly run: number
  readonly kind: 'up' | 'redo'
  /** It applied something that was not applied. */
  readonly hasApplied: boolean
}

/** What a run is asked for. */
interface UpOptions {
  readonly target?: string
  readonly steps?: number
  /** Stops before what nobody waits for. */
  readonly blockingOnly?: boolean
}

/** What the model says must come of an operation: `done`, or one of these codes. */
export type Expected = 'done' | readonly string[]

/**
 * The reference: files, what is applied, and what the database holds, kept by the plainest means. Nothing of
 * the implementation is used here.
 */
export class Reference {
  readonly files = new Map<string, FileState>()
  readonly applied = new Map<string, Applied>()
  /** Ids with a row in the database. */
  readonly rows = new Set<string>()
  /** Labels as they stand in `effect` and `ran`. */
  readonly effect: { readonly label: string; readonly version: number }[] = []
  readonly ran = new Map<string, number>()
  /** How often an attempt applied an id. */
  readonly completions = new Map<string, number>()
  /** Statements that are done, of a file without a transaction that stopped in its middle. */
  readonly #partial = new Map<string, number>()
  /** Edits by hand that no run has seen yet. */
  readonly #edited = new Set<string>()
  /**
   * What counted as applied until its re-run failed: it is pending again, keeps its place and its past, and
   * is what is rolled back.
   */
  readonly #lapsed = new Map<string, Applied>()
  readonly #runs: Run[] = []
  #clock = 0
  #run = 0

  /** Files that name a dependency which no file has. */
  get isBroken(): boolean {
    return [...this.files.keys()].some((id) => shapeOf(id).dependsOn.some((one) => !this.files.has(one)))
  }

  /** What a run without options would apply, in order. */
  get pending(): readonly string[] {
    return this.#due().filter((id) => this.files.has(id))
  }

  /** What is there to be rolled back. */
  get #standing(): ReadonlyMap<string, Applied> {
    return new Map([...this.applied, ...this.#lapsed])
  }

  /** Any run that writes: hand edits are honoured, every file gets a row. Gives why it is refused. */
  begin(): readonly string[] | undefined {
    if (this.isBroken) return ['TM2002']
    this.#run += 1
    for (const id of this.files.keys()) this.rows.add(id)
    for (const id of this.#edited) {
      const file = this.files.get(id)
      const applied = this.applied.get(id)
      if (file !== undefined && applied !== undefined) this.applied.set(id, { ...applied, file })
    }
    this.#edited.clear()
    return undefined
  }

  /** A rollback needs no files: where they are wrong, it does without. */
  #beginRollback(): void {
    if (this.isBroken) this.#run += 1
    else this.begin()
  }

  up(options: UpOptions = {}): Expected {
    const refused = this.begin()
    if (refused !== undefined) return refused
    const outcome = this.#upLocked(options)
    this.#runs.push({ run: this.#run, kind: 'up', hasApplied: this.#isOfRun() })
    return outcome
  }

  #upLocked(options: UpOptions): Expected {
    if (options.target !== undefined && !this.files.has(options.target)) return ['TM2007']
    const changed = this.#findChanges()
    if (changed.length > 0) return changed
    return this.#apply(this.#choose(options))
  }

  /** Whether anything that is there was applied by the present run. */
  #isOfRun(run = this.#run): boolean {
    return [...this.#standing.values()].some((one) => one.run === run)
  }

  down(chosen: readonly string[]): Expected {
    if (chosen.some((id) => !shapeOf(id).isReversible)) return ['TM6001']
    for (const id of this.rollbackOrder) {
      if (!chosen.includes(id)) continue
      this.applied.delete(id)
      this.#lapsed.delete(id)
      this.#clear(shapeOf(id).label)
    }
    return 'done'
  }

  downSteps(count: number): Expected {
    this.#beginRollback()
    const asked = this.rollbackOrder.slice(0, count)
    const floor = asked.findIndex((id) => this.#kept.has(id))
    return floor === 0 ? ['TM6011'] : this.down(floor === -1 ? asked : asked.slice(0, floor))
  }

  /** What was recorded without being executed, and what that needs. */
  get #kept(): ReadonlySet<string> {
    const recorded = [...this.#standing].flatMap(([id, { isRecorded }]) => (isRecorded ? [id] : []))
    return new Set(recorded.flatMap((id) => this.#withDependencies(id)))
  }

  /** Rolls back what belongs to the last run of `up` that applied something and is in force. */
  downLastRun(): Expected {
    this.#beginRollback()
    const place = this.#runs.findLastIndex(({ run, kind }) => kind === 'up' && this.#isOfRun(run))
    const last = this.#runs[place]
    if (last === undefined) return 'done'
    const later = this.#runs.slice(place + 1)
    if (later.some(({ run, kind, hasApplied }) => (kind === 'up' ? !hasApplied : this.#isOfRun(run)))) {
      return ['TM6010']
    }
    const members = [...this.#standing].flatMap(([id, { run }]) => (run === last.run ? [id] : []))
    const chosen = members.filter((id) => !this.#kept.has(id))
    if (chosen.length === 0) return ['TM6011']
    if (this.#withDependents(chosen).length > chosen.length) return ['TM6002', 'TM6001']
    return this.down(chosen)
  }

  downTarget(id: string): Expected {
    this.#beginRollback()
    if (!this.#standing.has(id)) return ['TM6003', 'TM2007']
    const dependents = [...this.#standing.keys()].filter((other) => shapeOf(other).dependsOn.includes(id))
    if (dependents.length > 0) return ['TM6002', 'TM6001']
    return this.down([id])
  }

  switch(): Expected {
    const refused = this.begin()
    if (refused !== undefined) return refused
    const gone = this.#withDependents([...this.#standing.keys()].filter((id) => !this.files.has(id))).filter(
      (id) => !this.#kept.has(id),
    )
    // What was only renamed is not rolled back and applied again: that would lose what it holds.
    if ([...this.applied.keys()].some((id) => this.#renamed(id) !== undefined)) return ['TM4012']
    if (gone.some((id) => !shapeOf(id).isReversible)) return ['TM6001', 'TM4001']
    const stay = [...this.applied.keys()].filter((id) => !gone.includes(id))
    const changed = stay.filter((id) => this.#hasChanged(id))
    if (changed.length > 0) return ['TM4001']
    this.down(gone)
    const due = this.#due()
    const outcome = this.#apply(due)
    const kind = gone.length > 0 ? 'redo' : 'up'
    if (due.length > 0) this.#runs.push({ run: this.#run, kind, hasApplied: this.#isOfRun() })
    return outcome
  }

  mark(id: string, as: 'completed' | 'pending'): Expected {
    if (as === 'pending') this.#beginRollback()
    else if (this.begin() !== undefined) return ['TM2002']
    const file = this.files.get(id)
    if (as === 'completed') {
      if (this.applied.has(id)) return file === undefined ? ['TM7014', 'TM4002'] : ['TM7014']
      if (file === undefined) return this.rows.has(id) ? ['TM4002'] : ['TM2007']
      this.#complete(id, file, 'recorded')
      return 'done'
    }
    if (file === undefined && !this.rows.has(id)) return ['TM2007']
    // What is not applied may be failed, which can be set back, or pending already.
    if (!this.applied.has(id)) return ['done', 'TM7014']
    this.setPending(id)
    return 'done'
  }

  /** Sets a migration back without rolling it back. */
  setPending(id: string): void {
    this.#partial.delete(id)
    this.applied.delete(id)
  }

  byHand(id: string, as: 'completed' | 'pending'): void {
    if (as === 'pending') this.setPending(id)
    else if (!this.applied.has(id)) {
      const stored = this.files.get(id) ?? { version: 0, remark: 0, behaviour: 'well' as const }
      this.#clock += 1
      this.#partial.delete(id)
      this.applied.set(id, {
        file: stored,
        at: this.#clock,
        lastAt: this.#clock,
        earlier: [],
        run: undefined,
        isRecorded: true,
      })
      this.#edited.add(id)
    }
  }

  /** Reverse topological, ties by latest. */
  get rollbackOrder(): readonly string[] {
    const left = new Map(this.#standing)
    const order: string[] = []
    while (left.size > 0) {
      const free = [...left].filter(
        ([id]) => ![...left.keys()].some((other) => shapeOf(other).dependsOn.includes(id)),
      )
      const [latest] = free.toSorted(([, a], [, b]) => b.at - a.at)
      if (latest === undefined) return order
      order.push(latest[0])
      left.delete(latest[0])
    }
    return order
  }

  #due(): readonly string[] {
    const due: string[] = []
    for (const id of IDS) if (this.files.has(id) && this.#isDue(id, due)) due.push(id)
    return due
  }

  #isDue(id: string, due: readonly string[]): boolean {
    const file = this.files.get(id)
    const applied = this.applied.get(id)
    if (file === undefined) return true
    if (applied === undefined) {
      const lapsed = this.#lapsed.get(id)
      if (lapsed === undefined) return true
      if (lapsed.earlier.includes(wholeKey(file))) return false
      if (wholeKey(lapsed.file) !== wholeKey(file)) return true
      return this.#dependsOnNewer(id, lapsed, due)
    }
    if (shapeOf(id).kind !== 'on_change') return false
    if (wholeKey(applied.file) !== wholeKey(file)) return !applied.earlier.includes(wholeKey(file))
    return this.#dependsOnNewer(id, applied, due)
  }

  #dependsOnNewer(id: string, applied: Applied, due: readonly string[]): boolean {
    return shapeOf(id).dependsOn.some((dependency) => {
      const theirs = this.#standing.get(dependency)
      if (shapeOf(dependency).kind !== 'on_change') return false
      return due.includes(dependency) || (theirs !== undefined && theirs.lastAt > applied.lastAt)
    })
  }

  #choose({ target, steps, blockingOnly }: UpOptions): readonly string[] {
    const wanted = target === undefined ? undefined : this.#withDependencies(target)
    const kept: string[] = []
    for (const id of this.#due()) {
      if (blockingOnly === true && !shapeOf(id).isBlocking) continue
      const follows =
        this.#standing.has(id) &&
        shapeOf(id).dependsOn.some((one) => kept.includes(one)) &&
        !this.#isChangedItself(id)
      if (wanted === undefined || wanted.includes(id) || follows) kept.push(id)
    }
    return kept.slice(0, steps ?? kept.length)
  }

  #isChangedItself(id: string): boolean {
    const [file, standing] = [this.files.get(id), this.#standing.get(id)]
    return file !== undefined && standing !== undefined && wholeKey(file) !== wholeKey(standing.file)
  }

  #apply(ids: readonly string[]): Expected {
    for (const id of ids) {
      const file = this.files.get(id)
      if (file === undefined) continue
      const { kind, label } = shapeOf(id)
      const runs = file.behaviour === 'well' || kind === 'none'
      const done = this.#partial.get(id) ?? 0
      if (runs && done === 0) {
        if (kind === 'on_change') this.#clear(label)
        this.effect.push({ label, version: file.version })
        this.ran.set(label, (this.ran.get(label) ?? 0) + 1)
      }
      if (file.behaviour !== 'well') {
        if (kind === 'none') this.#partial.set(id, 2)
        const before = this.applied.get(id)
        if (before !== undefined) this.#lapsed.set(id, before)
        this.applied.delete(id)
        return file.behaviour === 'error' ? ['TM5005', 'TM5006', 'TM5004'] : ['TM5007']
      }
      this.completions.set(id, (this.completions.get(id) ?? 0) + 1)
      this.#complete(id, file)
    }
    return 'done'
  }

  #complete(id: string, file: FileState, how: 'executed' | 'recorded' = 'executed'): void {
    const before = this.applied.get(id) ?? this.#lapsed.get(id)
    this.#lapsed.delete(id)
    this.#clock += 1
    this.#partial.delete(id)
    this.applied.set(id, {
      file,
      at: before?.at ?? this.#clock,
      run: before === undefined ? this.#run : before.run,
      isRecorded: before === undefined ? how === 'recorded' : before.isRecorded,
      lastAt: this.#clock,
      earlier:
        before === undefined
          ? []
          : [...before.earlier, wholeKey(before.file)].filter((key) => key !== wholeKey(file)),
    })
  }

  /** Codes that refuse a run; empty when none does. */
  #findChanges(): readonly string[] {
    const ids = [...this.applied.keys()]
    return [
      ...(ids.some((id) => this.#hasChanged(id)) ? ['TM4001'] : []),
      ...(ids.some((id) => this.#renamed(id) !== undefined) ? ['TM4012'] : []),
    ]
  }

  #hasChanged(id: string): boolean {
    const [file, applied] = [this.files.get(id), this.applied.get(id)]
    if (file === undefined || applied === undefined || shapeOf(id).kind === 'on_change') return false
    return upKey(file) !== upKey(applied.file)
  }

  /** The pending file that an applied migration without a file has become. */
  #renamed(id: string): string | undefined {
    const applied = this.applied.get(id)
    if (applied === undefined || this.files.has(id)) return undefined
    return [...this.files].find(
      ([other, file]) =>
        !this.applied.has(other) &&
        shapeOf(other).label === shapeOf(id).label &&
        wholeKey(file) === wholeKey(applied.file),
    )?.[0]
  }

  adopt(id: string): Expected {
    const refused = this.begin()
    if (refused !== undefined) return refused
    const old = [...this.applied.keys()].find((one) => this.#renamed(one) !== undefined)
    const renamed = old === undefined ? undefined : this.#renamed(old)
    if (old !== undefined && renamed !== undefined && (id === old || id === renamed)) {
      this.#rename(old, renamed)
      return 'done'
    }
    const [file, applied] = [this.files.get(id), this.applied.get(id)]
    if (file === undefined || applied === undefined || wholeKey(file) === wholeKey(applied.file)) {
      return ['TM7015', 'TM2007', 'TM4002', 'TM4012']
    }
    if (shapeOf(id).kind === 'on_change') return ['TM7015']
    this.applied.set(id, { ...applied, file })
    return 'done'
  }

  /** What is applied is recorded under the new name, and nothing is executed. */
  #rename(old: string, renamed: string): void {
    const file = this.files.get(renamed)
    if (file === undefined) return
    const before = this.applied.get(old)
    this.applied.delete(old)
    this.#lapsed.delete(renamed)
    this.#partial.delete(renamed)
    if (before !== undefined) this.applied.set(renamed, { ...before, file })
  }

  repair(): Expected {
    const refused = this.begin()
    if (refused !== undefined) return refused
    for (const [id, applied] of this.applied) {
      const file = this.files.get(id)
      if (file === undefined || shapeOf(id).kind === 'on_change' || this.#hasChanged(id)) continue
      this.applied.set(id, { ...applied, file })
    }
    return 'done'
  }

  #clear(label: string): void {
    for (let at = this.effect.length - 1; at >= 0; at -= 1) {
      if (this.effect[at]?.label === label) this.effect.splice(at, 1)
    }
  }

  #withDependents(ids: readonly string[]): readonly string[] {
    const found = new Set(ids)
    for (const id of IDS) {
      if (this.#standing.has(id) && shapeOf(id).dependsOn.some((one) => found.has(one))) found.add(id)
    }
    return [...found]
  }

  #withDependencies(id: string): readonly string[] {
    return [id, ...shapeOf(id).dependsOn.flatMap((one) => this.#withDependencies(one))]
  }
}
