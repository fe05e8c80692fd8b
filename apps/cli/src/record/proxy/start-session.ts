import type { WireMessage } from '@tidemark/pg-driver/engine'
import type { SessionTape } from '../tape/session-tape.ts'
import type { BackendWire } from './backend-wire.ts'
import { readValue } from './prepared-messages.ts'
import { FieldReader, writeFields } from './wire-fields.ts'

/** Parameters of the startup message that are no settings. */
const NO_SETTING = /^(?:user|database|options|replication|_pq_\..*)$/

/**
 * Sets what the client asked for when it connected, as the server does with a startup message.
 *
 * @returns the server's error, if it refuses one.
 */
export async function applyParameters(
  backend: BackendWire,
  tape: SessionTape,
  parameters: ReadonlyMap<string, string>,
): Promise<WireMessage | undefined> {
  const settings = [
    ...readOptions(parameters.get('options') ?? ''),
    ...[...parameters].filter(([name]) => !NO_SETTING.test(name)),
  ]
  for (const [name, value] of settings) {
    const text = `SELECT pg_catalog.set_config(${quote(name)}, ${quote(value)}, false)`
    const answers = await backend.ask(writeFields('Q', text), { until: 'Z', to: 'us' })
    const error = answers.find(({ type }) => type === 'E'.charCodeAt(0))
    if (error !== undefined) return error
    tape.executed({ text, tag: 'SELECT 1', data: undefined })
    tape.ready('I')
  }
  return undefined
}

/** `-c name=value` and `--name=value`, in which a backslash keeps the next character. */
function readOptions(options: string): readonly (readonly [name: string, value: string])[] {
  const words = [...options.matchAll(/(?:\\.|[^\s\\])+/g)].map(([word]) => word.replace(/\\(.)/g, '$1'))
  const settings = words.map((word) => word.replace(/^(?:-c|--)/, '')).filter((word) => word.includes('='))
  return settings.map((word) => {
    const at = word.indexOf('=')
    return [word.slice(0, at).replaceAll('-', '_'), word.slice(at + 1)] as const
  })
}

/** Asks a session for the number that a cancel request needs. */
export async function readProcessId(backend: BackendWire): Promise<number> {
  const question = writeFields('Q', 'SELECT pg_catalog.pg_backend_pid()')
  const answers = await backend.ask(question, { until: 'Z', to: 'us' })
  const row = answers.find(({ type }) => type === 'D'.charCodeAt(0))
  if (row === undefined) throw new TypeError('the server answered no row to SELECT without FROM')
  const fields = new FieldReader(row)
  return Number(fields.list(() => readValue(fields)?.toString('utf8'))[0])
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
