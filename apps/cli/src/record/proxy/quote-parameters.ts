import type { Result } from '@tidemark/core'
import type { WireMessage } from '@tidemark/pg-driver/engine'
import type { BackendWire } from './backend-wire.ts'
import { type BindMessage, FLUSH, readValue, writeNumbers, writeValue } from './prepared-messages.ts'
import { FieldReader, int16, writeFields } from './wire-fields.ts'

/** The literals of a Bind, or what the server has against them. */
export type QuotedParameters = Result<readonly string[], WireMessage>

const NAME = 'tidemark_quote'

/**
 * Lets the server write the values of a Bind as literals with their types, such as `'5'::integer`: it knows
 * every type, in text and in binary.
 *
 * @returns one for each parameter, or the server's error: a value is wrong, or the transaction has failed.
 */
export async function quoteParameters(
  backend: BackendWire,
  { formats, values }: BindMessage,
  types: readonly number[],
): Promise<QuotedParameters> {
  if (values.length === 0) return { ok: true, value: [] }
  const columns = types.map(
    (type, index) =>
      `pg_catalog.format('%L', $${index + 1}), pg_catalog.format_type('${type}'::pg_catalog.oid, NULL)`,
  )
  const answers = await backend.ask(
    Buffer.concat([
      writeFields('P', NAME, `SELECT ${columns.join(', ')}`, int16(types.length), ...types),
      writeFields(
        'B',
        NAME,
        NAME,
        writeNumbers(formats),
        int16(values.length),
        ...values.map(writeValue),
        int16(0),
      ),
      writeFields('E', NAME, 0),
      writeFields('C', Buffer.from('P'), NAME),
      writeFields('C', Buffer.from('S'), NAME),
      FLUSH,
    ]),
    { until: '3E', times: 2, to: 'us' },
  )
  const error = answers.find(({ type }) => type === 'E'.charCodeAt(0))
  if (error !== undefined) return { ok: false, error }
  const row = answers.find(({ type }) => type === 'D'.charCodeAt(0))
  if (row === undefined) throw new TypeError('the server answered no row to SELECT without FROM')
  const fields = new FieldReader(row)
  const texts = fields.list(() => readValue(fields)?.toString('utf8') ?? '')
  return { ok: true, value: types.map((_, index) => `${texts[index * 2]}::${texts[index * 2 + 1]}`) }
}
