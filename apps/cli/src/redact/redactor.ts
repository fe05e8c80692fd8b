import { inspect } from 'node:util'
import { findSecrets, isWorthMasking, MASK } from './find-secrets.ts'

/** Knows the secrets of this process and takes them out of any text. */
export interface Redactor {
  /** Remembers the passwords in a connection string or in a variable's value. */
  learnFrom(value: string): void
  /** Remembers a password itself, such as the value of `PGPASSWORD`. */
  learn(secret: string): void
  /**
   * Replaces every known secret, in every encoding we print, and the password of anything that looks like a
   * URL.
   */
  redact(text: string): string
}

const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#'"`]*):([^\s'"`]+)@/gi
const KEYWORD_PASSWORD =
  /((?:^|[?&\s'"])(?:PG|ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^&\s'"#]+)/gi

/** Creates a {@link Redactor} that knows nothing yet: until it learns, it masks by shape alone. */
export function createRedactor(): Redactor {
  const secrets = new Set<string>()
  let pattern: RegExp | undefined
  const learn = (secret: string): void => {
    if (!isWorthMasking(secret)) return
    for (const form of encodings(secret)) if (isWorthMasking(form)) secrets.add(form)
    pattern = patternOf(secrets)
  }
  return {
    learn,
    learnFrom: (value) => {
      for (const secret of findSecrets(value)) learn(secret)
    },
    redact: (text) => {
      const known = pattern === undefined ? text : text.replace(pattern, MASK)
      return known.replace(URL_PASSWORD, `$1:${MASK}@`).replace(KEYWORD_PASSWORD, `$1${MASK}`)
    },
  }
}

function encodings(secret: string): readonly string[] {
  const unquote = (text: string): string => text.slice(1, -1)
  return [
    secret,
    percentEncode(secret),
    new URLSearchParams({ p: secret }).toString().slice(2),
    unquote(JSON.stringify(secret)),
    unquote(inspect(secret)),
    secret.replaceAll("'", "''"),
    inShell(secret),
    inShell(percentEncode(secret)),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('latin1'),
  ]
}

// As in a suggested command, see present/target-flags.ts.
function inShell(text: string): string {
  return text.replaceAll("'", "'\\''")
}

// encodeURIComponent throws on half a surrogate pair, which no server takes as a password anyway.
function percentEncode(secret: string): string {
  return Buffer.from(secret).toString('utf8') === secret ? encodeURIComponent(secret) : secret
}

// A long secret is masked everywhere; a short one only as a word of its own: "test" must not eat "latest".
function patternOf(secrets: ReadonlySet<string>): RegExp {
  const alternatives = [...secrets]
    .sort((a, b) => b.length - a.length)
    .map((secret) => {
      const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return secret.length >= 8 ? literal : `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`
    })
  return new RegExp(alternatives.join('|'), 'gu')
}
