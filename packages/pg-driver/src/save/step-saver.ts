import {
  type PlanStep,
  readStatementFacts,
  type StatementFacts,
  type StepArchive,
  type StepBackup,
} from '@tidemark/core'
import { sendMessage } from '../connection/send-message.ts'
import { isConnectionLost, isRetryable, isServerError } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import type { ScriptStatement } from '../script/step-script.ts'
import { formatItem } from './archive-item.ts'
import { findLosses, type Loss } from './find-losses.ts'
import { mayWrite, needsTrial } from './may-lose.ts'
import { withOwnSettings } from './own-settings.ts'
import {
  type Relation,
  type Relations,
  readEmptyTables,
  readExclusive,
  readRelations,
  readUsers,
} from './read-relations.ts'
import { lostUnsaved, notCounted, notSaved } from './save-errors.ts'
import { nameOf, saveRelation } from './save-relation.ts'
import { explainWrites, followForeignKeys, type WrittenTable } from './written-tables.ts'

/**
 * Saves what the statements of one transaction take away, each right before it runs, over the connection and
 * inside the transaction that runs them. Before COMMIT it compares the catalog and the counted rows with what
 * was saved.
 */
export class StepSaver {
  readonly #context: ExecutionContext
  readonly #step: PlanStep
  readonly #backup: StepBackup
  #archive: StepArchive | undefined
  #startedAt = 0
  #baseline: Relations = new Map()
  /** Tables that are known to have held nothing. */
  #empty: ReadonlySet<string> = new Set()
  readonly #saved = new Map<string, Relation>()
  /** Tables whose rows the text of the file updates under a condition. */
  readonly #updated = new Set<string>()
  readonly #lost = new Map<string, Loss>()
  /** Sequences that were saved with their table. */
  readonly #covered = new Set<string>()
  #rows = 0

  constructor(context: ExecutionContext, step: PlanStep, backup: StepBackup) {
    this.#context = context
    this.#step = step
    this.#backup = backup
  }

  /** Looks at what is there before the first statement. */
  async begin(): Promise<void> {
    await this.#guarded(async () => {
      const { connection } = this.#context
      const [answer] = await sendMessage(
        connection,
        "SELECT pg_catalog.current_setting('track_counts') AS counts",
      )
      if (answer?.rows[0]?.['counts'] !== 'on') throw notCounted(this.#step)
      this.#baseline = await this.#look()
      const empty = () => withOwnSettings(connection, () => readEmptyTables(connection))
      this.#empty = (await this.#inSavepoint(empty, 'ignore_locks')) ?? new Set()
    })
  }

  /** Saves what a statement takes away, before it runs. */
  async before(statement: ScriptStatement): Promise<void> {
    if (statement.kind === 'verify') return
    const { source, span, text } = statement
    const facts = readStatementFacts(source.text, {
      ...span,
      codeStart: span.start,
      codeEnd: span.end,
      terminated: true,
    })
    if (needsTrial(facts)) await this.#guarded(() => this.#saveByTrial(text))
    else if (mayWrite(facts, text)) await this.#guarded(() => this.#saveWritten(facts, text))
  }

  /**
   * Compares what was lost with what was saved, and ends the archive.
   *
   * @throws TidemarkError TM5042: something was lost and not saved; TM5040.
   */
  async finish(): Promise<void> {
    await this.#guarded(async () => {
      const now = await this.#look()
      await this.#compare(now)
      // Where a trigger that waits for COMMIT fails, COMMIT does.
      await this.#inSavepoint(async () => {
        await sendMessage(this.#context.connection, 'SET CONSTRAINTS ALL IMMEDIATE')
        await this.#compare(await this.#look())
      })
      if (this.#lost.size > 0) throw lostUnsaved(this.#step, [...this.#lost.values()])
      if (this.#archive === undefined) return
      const tables = [...this.#saved.values()].map(({ schema, name }) => `${schema}.${name}`)
      for (const { oid, schema, name } of this.#saved.values()) {
        const to = now.get(oid)
        if (to === undefined || (to.schema === schema && to.name === name)) continue
        const place = { schema: to.schema, name: to.name }
        await this.#archive.write(formatItem({ item: 'renamed', from: { schema, name }, to: place }))
      }
      const details = await this.#archive.finish({ tables, rows: this.#rows })
      const durationMs = performance.now() - this.#startedAt
      this.#context.emit({ kind: 'backup_finished', step: this.#step, durationMs, details })
    })
  }

  /** Removes what was saved: the step was rolled back. */
  async discard(): Promise<void> {
    await this.#archive?.discard()
  }

  #look(): Promise<Relations> {
    const { connection } = this.#context
    return withOwnSettings(connection, () => readRelations(connection))
  }

  /** Runs the statement in a savepoint and looks what is gone; the server knows what depends on what. */
  async #saveByTrial(text: string): Promise<void> {
    const before = await this.#look()
    const gone = await this.#inSavepoint(async () => {
      await sendMessage(this.#context.connection, text)
      return this.#findLosses(before, await this.#look())
    })
    // What the trial counted is no loss.
    const after = await this.#look()
    await this.#compare(before)
    this.#shift(before, after)
    const relations = (gone ?? []).map(({ relation }) => before.get(relation.oid) ?? relation)
    await this.#save(relations, 'ACCESS EXCLUSIVE')
  }

  async #saveWritten(facts: StatementFacts, text: string): Promise<void> {
    const { connection } = this.#context
    const written = await this.#inSavepoint(() => explainWrites(connection, text))
    const mayDelete =
      facts.command === 'EXECUTE' || facts.destructions.some(({ kind }) => kind === 'delete_matched')
    const isTaken = ({ manner }: WrittenTable) => (manner === 'merge' ? mayDelete : manner !== 'update')
    const tables = written ?? []
    const [taken, kept] = await withOwnSettings(connection, async () => [
      await followForeignKeys(connection, tables.filter(isTaken)),
      await followForeignKeys(
        connection,
        tables.filter((table) => !isTaken(table)).map((table) => ({ ...table, manner: 'update' })),
      ),
    ])
    for (const oid of kept) this.#updated.add(oid)
    const due = taken.filter((oid) => !this.#saved.has(oid))
    if (due.length === 0) return
    const now = await this.#look()
    await this.#compare(now)
    const relations = due.flatMap((oid) => now.get(oid) ?? [])
    await this.#save(relations, 'SHARE ROW EXCLUSIVE')
  }

  /** Gives undefined when the act fails for a reason that the statement itself will fail for. */
  async #inSavepoint<T>(act: () => Promise<T>, locks?: 'ignore_locks'): Promise<T | undefined> {
    const { connection } = this.#context
    await sendMessage(connection, 'SAVEPOINT tidemark_backup')
    try {
      return await act()
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      if (isRetryable(error) && locks === undefined) throw error
      return undefined
    } finally {
      await sendMessage(connection, END_SAVEPOINT).catch(() => undefined)
    }
  }

  #shift(before: Relations, after: Relations): void {
    const shifted = new Map(this.#baseline)
    for (const [oid, relation] of this.#baseline) {
      const [a, b] = [before.get(oid), after.get(oid)]
      if (a === undefined || b === undefined) continue
      shifted.set(oid, {
        ...relation,
        deleted: relation.deleted + b.deleted - a.deleted,
        updated: relation.updated + b.updated - a.updated,
        inserted: relation.inserted + b.inserted - a.inserted,
      })
    }
    this.#baseline = shifted
  }

  /**
   * What other sessions took away meanwhile is no loss of this step. Where a composite type loses attributes, the
   * tables that use it lose them.
   */
  async #findLosses(before: Relations, after: Relations): Promise<readonly Loss[]> {
    const losses = await this.#ownOf(findLosses(before, after))
    const types = losses.flatMap(({ relation: { kind, oid } }) => (kind === 'c' ? [oid] : []))
    if (types.length === 0) return losses
    const { connection } = this.#context
    const users = await withOwnSettings(connection, () => readUsers(connection, types))
    const lost = users.flatMap((oid): readonly Loss[] => {
      const relation = after.get(oid)
      return relation === undefined || relation.kind === 'c' ? [] : [{ relation, kind: 'columns', rows: 0 }]
    })
    return [...losses.filter(({ relation }) => relation.kind !== 'c'), ...lost]
  }

  /** Rows are counted by transaction; what the catalog says of relations, others may have changed. */
  async #ownOf(losses: readonly Loss[]): Promise<readonly Loss[]> {
    const isCounted = ({ kind }: Loss) => kind === 'deleted' || kind === 'updated'
    if (losses.every(isCounted)) return losses
    const { connection } = this.#context
    const own = await withOwnSettings(connection, () => readExclusive(connection))
    return losses.filter((loss) => isCounted(loss) || own.has(loss.relation.oid))
  }

  /** Notes what was lost up to now and is not saved. */
  async #compare(now: Relations): Promise<void> {
    for (const loss of await this.#findLosses(this.#baseline, now)) {
      const { oid, schema, name } = loss.relation
      if (this.#saved.has(oid) || this.#covered.has(oid) || this.#lost.has(oid)) continue
      const table = nameOf({ schema, name })
      if (await this.#isReal(loss, table)) this.#lost.set(oid, loss)
    }
  }

  async #isReal({ kind, relation, rows }: Loss, table: string): Promise<boolean> {
    // TRUNCATE leaves only rows that were inserted after it; rewriting keeps the others.
    if (kind === 'dropped' || kind === 'rewritten' || kind === 'columns') {
      if (this.#empty.has(relation.oid) || relation.kind === 'p') return false
      return kind !== 'rewritten' || this.#holdsAtMost(table, rows)
    }
    if (kind !== 'updated') return true
    return !this.#updated.has(relation.oid) && this.#holdsAtMost(table, rows)
  }

  async #holdsAtMost(table: string, limit: number): Promise<boolean> {
    const { connection } = this.#context
    const { rows } = await withOwnSettings(connection, () =>
      connection.query<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM (SELECT FROM ONLY ${table} LIMIT ${limit + 1}) AS few`,
      ),
    )
    return (rows[0]?.count ?? 0) <= limit
  }

  async #save(
    relations: readonly Relation[],
    lock: 'ACCESS EXCLUSIVE' | 'SHARE ROW EXCLUSIVE',
  ): Promise<void> {
    // What the step made itself is not lost; large objects are lost, but not saved.
    const due = tablesFirst(relations).filter(
      ({ oid, schema }) => this.#baseline.has(oid) && !this.#saved.has(oid) && schema !== 'pg_catalog',
    )
    if (due.length === 0) return
    const { connection } = this.#context
    await withOwnSettings(connection, async () => {
      const archive = await this.#open()
      for (const relation of due) {
        if (this.#covered.has(relation.oid)) continue
        if (LOCKED.has(relation.kind)) {
          await connection.query(`LOCK TABLE ONLY ${nameOf(relation)} IN ${lock} MODE`)
        }
        await this.#saveOne(archive, relation)
      }
    })
  }

  async #saveOne(archive: StepArchive, relation: Relation): Promise<void> {
    if (relation.kind === 'c') return
    const { rows, sequences } = await saveRelation(this.#context.connection, archive, relation)
    this.#rows += rows
    for (const oid of sequences) this.#covered.add(oid)
    this.#saved.set(relation.oid, relation)
  }

  async #open(): Promise<StepArchive> {
    if (this.#archive !== undefined) return this.#archive
    const { emit, run } = this.#context
    emit({ kind: 'backup_started', step: this.#step })
    this.#startedAt = performance.now()
    this.#archive = await this.#backup.open(this.#step, run)
    return this.#archive
  }

  /** What goes wrong here is no failure of the statement. */
  async #guarded(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      throw notSaved(this.#step, error)
    }
  }
}

/** A sequence is saved with the table that it belongs to. */
function tablesFirst(relations: readonly Relation[]): readonly Relation[] {
  const unique = [...new Map(relations.map((relation) => [relation.oid, relation])).values()]
  return [...unique.filter(({ kind }) => kind !== 'S'), ...unique.filter(({ kind }) => kind === 'S')]
}

const END_SAVEPOINT = 'ROLLBACK TO SAVEPOINT tidemark_backup; RELEASE SAVEPOINT tidemark_backup'

const LOCKED: ReadonlySet<string> = new Set(['r', 'p'])
