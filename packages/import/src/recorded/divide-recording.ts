import type { Diagnostic } from '@tidemark/core'
import { needsReview, notCarriedOver } from '../foreign/findings.ts'
import type { ForeignMigration } from '../foreign/foreign-project.ts'
import type { RecordedHistory } from './find-history.ts'
import { readTableWrite, type TableWrite } from './history-write.ts'
import { decideUse, type RecordingFacts } from './left-out.ts'
import { nameMigration } from './name-migration.ts'
import { type SectionPlace, writeSection } from './recorded-section.ts'
import type { RecordedStatement } from './recorded-statement.ts'

/** All that was recorded of a tool. */
export interface Recording {
  readonly up: readonly RecordedStatement[]
  /** Of the way back, the last migration first; undefined: it was not recorded. */
  readonly down: readonly RecordedStatement[] | undefined
  readonly history: RecordedHistory
  /** Functions outside of the system's schemas. */
  readonly functions: ReadonlySet<string>
  /** A schema that has nothing but the tool's tables. */
  readonly ownSchema: string | undefined
}

/** The migrations of a recording. */
export interface DividedRecording {
  readonly migrations: readonly ForeignMigration[]
  readonly findings: readonly Diagnostic[]
}

/**
 * Divides what a tool sent into its migrations, at its writes to its own table. Introspection, settings of the
 * session and what the tool does for itself are left out.
 */
export function divideRecording(recording: Recording, secrets: SectionPlace['secrets']): DividedRecording {
  const facts = { ...recording, tables: listTables(recording.up) }
  const { steps, rest } = divide(recording.up, facts, 'up')
  const back = divideBack(recording.down ?? [], steps, facts)
  const parts = steps.map((step) => convert(step, back.get(step), { recording, secrets }))
  return {
    migrations: parts.map(({ migration }) => migration),
    findings: [
      ...parts.flatMap(({ findings }) => findings),
      ...(rest.length === 0 ? [] : [describeRest(recording, rest.length)]),
      ...(recording.down === undefined ? [] : describeWithoutWayBack(steps, back, recording)),
    ],
  }
}

/** Counts the migrations that statements apply, or roll back. */
export function countSteps(
  statements: readonly RecordedStatement[],
  recording: Recording,
  way: 'up' | 'down',
): number {
  return divide(statements, { ...recording, tables: new Set() }, way).steps.length
}

interface Step {
  /** The values of the key of the history's row. */
  readonly key: readonly string[]
  readonly name: string
  readonly statements: readonly RecordedStatement[]
  /** Tables whose rows the tool read in between. */
  readonly reads: readonly string[]
  readonly mark: TableWrite
}

interface Division {
  readonly steps: readonly Step[]
  /** What came after the last mark. */
  readonly rest: readonly RecordedStatement[]
}

/** Cuts statements at the writes to the history table. */
function divide(
  statements: readonly RecordedStatement[],
  facts: RecordingFacts,
  way: 'up' | 'down',
): Division {
  const { known } = facts.history
  const steps: Step[] = []
  let open: RecordedStatement[] = []
  let reads: string[] = []
  let begun: TableWrite | undefined
  const end = (mark: TableWrite): void => {
    steps.push({ ...nameMigration(mark, known), statements: open, reads, mark })
    open = []
    reads = []
  }
  for (const statement of inOrder(statements)) {
    const mark = readMark(statement, facts.history, way)
    if (mark !== undefined && known.written === 'before' && way === 'up') {
      if (begun !== undefined) end(begun)
      begun = mark
    } else if (mark !== undefined) end(mark)
    else {
      const use = decideUse(statement, facts)
      if (use.kind === 'written') open.push(statement)
      if (use.kind === 'reads') reads.push(...use.tables)
    }
  }
  if (begun !== undefined) end(begun)
  return { steps, rest: open }
}

function inOrder(statements: readonly RecordedStatement[]): readonly RecordedStatement[] {
  return [...statements].sort((a, b) => a.order - b.order)
}

/** The write that says that a migration was applied, or rolled back. */
function readMark(
  statement: RecordedStatement,
  history: RecordedHistory,
  way: 'up' | 'down',
): TableWrite | undefined {
  const { schema, name, known } = history
  if (/^(?:INSERT|UPDATE|DELETE|COPY)\b.* 0$/.test(statement.tag)) return undefined
  const write = readTableWrite(statement, [history])
  if (write === undefined || write.table.name !== name) return undefined
  if (schema !== undefined && write.table.schema !== undefined && write.table.schema !== schema)
    return undefined
  const isUpdated = known.rows === 'updated' && write.kind === 'update'
  if (way === 'down') return isUpdated || write.kind === 'delete' ? write : undefined
  const isMark = (isUpdated || write.kind === 'insert') && hasKey(write, known.key)
  return isMark && !(known.rows === 'updated' && isBeginning(write, known.key)) ? write : undefined
}

/** The one row of a new database: version 0 is no migration. */
function isBeginning({ rows }: TableWrite, key: readonly string[]): boolean {
  return rows.every((row) => key.every((column) => row.get(column) === '0'))
}

function hasKey({ rows }: TableWrite, key: readonly string[]): boolean {
  return rows.some((row) => key.every((column) => row.has(column)))
}

/** Finds out which migration each step of the way back belongs to: by what is deleted, else the last one. */
function divideBack(
  statements: readonly RecordedStatement[],
  steps: readonly Step[],
  facts: RecordingFacts,
): ReadonlyMap<Step, Step> {
  const back = new Map<Step, Step>()
  for (const step of divide(statements, facts, 'down').steps) {
    const left = steps.filter((one) => !back.has(one)).reverse()
    const literals = listOld(step.mark)
    const named = left.find(({ key }) => key.every((value) => literals.includes(value)))
    const target = named ?? left[0]
    if (target !== undefined) back.set(target, step)
  }
  return back
}

/** The literals of a mark that say which row it was: not what an UPDATE sets. */
function listOld({ kind, rows, literals }: TableWrite): readonly string[] {
  if (kind !== 'update') return literals
  const set = rows.flatMap((row) => [...row.values()])
  return literals.filter((literal) => !set.includes(literal))
}

interface Place {
  readonly recording: Recording
  readonly secrets: SectionPlace['secrets']
}

function convert(
  { key, name, statements, reads, mark }: Step,
  back: Step | undefined,
  { recording: { history, down: wayBack }, secrets }: Place,
): { readonly migration: ForeignMigration; readonly findings: readonly Diagnostic[] } {
  const up = writeSection(statements, { path: name, secrets })
  const down = back === undefined ? undefined : writeSection(back.statements, { path: name, secrets })
  const isByItself = up.transaction === 'none' && history.known.opensNoTransaction !== true
  const marked = mark.rows.length
  const all = [up, ...(down === undefined ? [] : [down])]
  const read = [...new Set([...reads, ...(wayBack === undefined ? [] : (back?.reads ?? []))])]
  return {
    migration: {
      version: key.join('.'),
      name,
      description: undefined,
      up: up.section,
      down: down?.section,
      transaction: isByItself ? 'none' : 'required',
      run: 'once',
    },
    findings: [
      ...all.flatMap((part) =>
        part.secrets.map((text) =>
          notCarriedOver(
            name,
            `a statement with a secret is left out: ${oneLine(text)}`,
            'write it by hand, with a variable for the secret',
          ),
        ),
      ),
      ...(read.length === 0 ? [] : [describeReads(name, read)]),
      ...(marked > 1 ? [describeSeveral(name, marked)] : []),
    ],
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

function describeReads(name: string, tables: readonly string[]): Diagnostic {
  const list = tables.map((table) => `"${table}"`).join(', ')
  return needsReview(
    { path: name, text: '' },
    undefined,
    `its code read rows of ${list}: what it does with them was recorded on an empty database`,
    'write what it does with existing rows as SQL, if databases that are not migrated yet have some',
  )
}

function describeSeveral(name: string, count: number): Diagnostic {
  return needsReview(
    { path: name, text: '' },
    undefined,
    `the tool wrote ${count} rows at once: what ${count} of its migrations did is one file, named after the last row`,
    'let the tool apply one migration at a time, if they are to be files of their own',
  )
}

function describeRest({ history }: Recording, count: number): Diagnostic {
  const statements = count === 1 ? '1 statement' : `${count} statements`
  return notCarriedOver(
    history.name,
    `${statements} after the last write to "${history.name}" belong to no migration`,
    'add them with `tidemark new` if a new database needs them',
  )
}

function describeWithoutWayBack(
  steps: readonly Step[],
  back: ReadonlyMap<Step, Step>,
  { history }: Recording,
): readonly Diagnostic[] {
  return steps
    .filter((step) => !back.has(step))
    .map(({ name }) =>
      needsReview(
        { path: name, text: '' },
        undefined,
        `${history.known.title} did not roll it back: it has no @down`,
        'write one by hand if it needs one',
      ),
    )
}

function listTables(statements: readonly RecordedStatement[]): ReadonlySet<string> {
  const CREATE =
    /^\s*CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"?[\w$]+"?\.)?("?)([\w$]+)\1/i
  return new Set(statements.flatMap(({ text }) => CREATE.exec(text)?.[2] ?? []))
}
