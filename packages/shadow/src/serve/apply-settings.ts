import { createMessageFramer, WIRE, type Wire, writeMessage } from '@tidemark/pg-driver/engine'

/** What a client says when it connects that is no setting of the session. */
const NO_SETTINGS: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication'])

const PARAMETER_STATUS = 0x53 // S

/**
 * Applies what a client asked for when it connected: `DateStyle`, `options=-csearch_path=shop`, and the like.
 *
 * @returns what the server reports of its parameters from now on.
 * @throws {Error} with the message of the server.
 */
export async function applySettings(
  { stream, parameters }: Pick<Wire, 'stream' | 'parameters'>,
  given: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const named = [...given].filter(([name]) => !NO_SETTINGS.has(name))
  const settings = [...readOptions(given.get('options') ?? ''), ...named]
  if (settings.length === 0) return parameters
  const calls = settings.map(
    ([name, value]) => `pg_catalog.set_config(${quote(name)}, ${quote(value)}, false)`,
  )
  const reported = new Map(parameters)
  const frame = createMessageFramer('backend')
  let failure: string | undefined
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Uint8Array) => {
      for (const { type, bytes } of frame(chunk)) {
        const words = Buffer.from(bytes.subarray(5)).toString('utf8').split('\0')
        if (type === PARAMETER_STATUS) reported.set(words[0] ?? '', words[1] ?? '')
        if (type === WIRE.error) failure = words.find((word) => word.startsWith('M'))?.slice(1) ?? ''
        if (type === WIRE.readyForQuery) end(resolve)
      }
    }
    const lose = () => end(() => reject(new Error('the session of the shadow has ended')))
    const end = (settle: () => void) => {
      stream.off('data', read).off('close', lose).off('error', lose)
      settle()
    }
    stream.on('data', read).on('close', lose).on('error', lose)
    stream.write(writeMessage(WIRE.query, `SELECT ${calls.join(', ')}\0`))
  })
  if (failure !== undefined) throw new Error(failure)
  return reported
}

/** Reads `-c name=value`, `-cname=value` and `--name=value`; a backslash keeps the space behind it. */
function readOptions(options: string): readonly (readonly [string, string])[] {
  const words = (options.match(/(?:\\.|[^\s\\])+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, '$1'))
  return words.flatMap((word) => {
    const [, name, value] = /^(?:-c|--)?([\w.-]+)=(.*)$/s.exec(word) ?? []
    return name === undefined || value === undefined ? [] : [[name.replaceAll('-', '_'), value] as const]
  })
}

function quote(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
