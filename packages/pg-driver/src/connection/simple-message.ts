import { type FieldDef, Query, types, type Connection as Wire } from 'pg'
import type { AnswerListener, QueryAnswer } from './connection.ts'

/** Nobody looks at more rows of what a message answers, and a file may select any number. */
const KEPT_ROWS = 100

type Row = Readonly<Record<string, unknown>>

/**
 * One message of the simple protocol. Unlike `Query` it gives with an error what was answered before it,
 * which says how far the server came, and keeps only the first rows of each answer.
 */
export class SimpleMessage extends Query {
  readonly #onAnswer: AnswerListener
  readonly #answers: QueryAnswer<Record<string, unknown>>[] = []
  #fields: readonly FieldDef[] = []
  #rows: Row[] = []

  constructor(text: string, onAnswer: AnswerListener) {
    super(text)
    this.#onAnswer = onAnswer
    this.submit = (connection: Wire) => connection.query(text)
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    this.#fields = fields
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#rows.length >= KEPT_ROWS) return
    this.#rows.push(
      Object.fromEntries(
        this.#fields.map(({ name, dataTypeID }, at) => {
          const value = fields[at] ?? null
          return [name, value === null ? null : types.getTypeParser(dataTypeID, 'text')(value)]
        }),
      ),
    )
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const count = /\d+$/.exec(text)?.[0]
    this.#answers.push({ rows: this.#rows, tag: text, rowCount: count === undefined ? null : Number(count) })
    this.#rows = []
  }

  handleError(error: Error): void {
    this.#onAnswer(error, this.#answers)
  }

  handleReadyForQuery(): void {
    this.#onAnswer(null, this.#answers)
  }
}
