import type { Socket } from 'node:net'
import { type Relay, startRelay } from './relay.ts'

/** Words of a catalog of messages, as PostgreSQL's in Russian and German have them. */
const SEVERITIES: Readonly<Record<string, string>> = {
  ERROR: 'ОШИБКА',
  FATAL: 'ВАЖНО',
  WARNING: 'ПРЕДУПРЕЖДЕНИЕ',
  NOTICE: 'ЗАМЕЧАНИЕ',
}

const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/^must be owner of \w+ (.*)$/, 'Berechtigung nur für Eigentümer der Tabelle $1'],
  [/^permission denied for (\w+) (.*)$/, 'keine Berechtigung für $1 $2'],
  [/^permission denied to set role "(.*)"$/, 'keine Berechtigung, um Rolle »$1« zu setzen'],
  [/^invalid input syntax for type (\w+): "(.*)"$/s, 'ungültige Eingabesyntax für Typ $1: »$2«'],
  [
    /^canceling statement due to statement timeout$/,
    'storniere Anfrage wegen Zeitüberschreitung der Anfrage',
  ],
  [/^(.*)$/s, 'übersetzt: $1'],
]

/** A relay to a server whose messages it translates, as one with another `lc_messages` sends them. */
export function startTranslatingRelay(target: string): Promise<Relay> {
  const rests = new WeakMap<Socket, Buffer>()
  return startRelay(target, {
    fromServer(data, { client }) {
      const { whole, rest } = translateAll(Buffer.concat([rests.get(client) ?? Buffer.alloc(0), data]))
      rests.set(client, rest)
      client.write(whole)
      return 'hold'
    },
  })
}

const HEAD = 5

function translateAll(bytes: Buffer): { readonly whole: Buffer; readonly rest: Buffer } {
  const messages: Buffer[] = []
  let at = 0
  while (bytes.length >= at + HEAD && bytes.length >= at + 1 + bytes.readInt32BE(at + 1)) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    const message = bytes.subarray(at, end)
    messages.push('EN'.includes(String.fromCharCode(message[0] ?? 0)) ? translate(message) : message)
    at = end
  }
  return { whole: Buffer.concat(messages), rest: Buffer.from(bytes.subarray(at)) }
}

function translate(message: Buffer): Buffer {
  const fields = message
    .toString('utf8', HEAD, message.length - 1)
    .split('\0')
    .slice(0, -1)
  const body = Buffer.from(`${fields.map((field) => `${translateField(field)}\0`).join('')}\0`)
  const head = Buffer.alloc(HEAD)
  head[0] = message[0] ?? 0
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function translateField(field: string): string {
  const [type = '', value] = [field.slice(0, 1), field.slice(1)]
  if (type === 'S') return `S${SEVERITIES[value] ?? value}`
  if (type === 'M') return `M${translatePhrase(value)}`
  if (type !== 'W') return field
  return `W${value.replace(/^(COPY \w+), line (\d+), column (\w+): "(.*)"$/m, '$1, Zeile $2, Spalte $3: »$4«')}`
}

function translatePhrase(message: string): string {
  for (const [pattern, words] of PHRASES) {
    if (pattern.test(message)) return message.replace(pattern, words).replaceAll(/"(.*?)"/g, '»$1«')
  }
  return message
}
