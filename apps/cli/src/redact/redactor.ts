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

/** `user:password` is what our own advice writes. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/(?!user:password@)[^\s:@/?#'"`]*):([^\s'"`]+)@/gi
const KEYWORD_PASSWORD =
  /((?:^|[?&\s'"])(?:PG|ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^&\s'"#]+)/gi

/** Creates a {@link Redactor} that knows nothing yet: until it learns, it masks by shape alone. */
export function createRedactor(): Redactor {
  const known: KnownSecrets = { byLength: new Map(), lengths: [], firsts: new Set() }
  const learn = (secret: string): void => {
    if (!isWorthMasking(secret)) return
    for (const form of encodings(secret)) if (isWorthMasking(form)) remember(known, form)
  }
  return {
    learn,
    learnFrom: (value) => {
      for (const secret of findSecrets(value)) learn(secret)
    },
    redact: (text) =>
      maskKnown(text, known).replace(URL_PASSWORD, `$1:${MASK}@`).replace(KEYWORD_PASSWORD, `$1${MASK}`),
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

/** Thousands of secrets, as a fleet has, cost a text no more than one: they are looked up, not searched for. */
interface KnownSecrets {
  readonly byLength: Map<number, Set<string>>
  /** The longest first. */
  lengths: readonly number[]
  readonly firsts: Set<string>
}

function remember(known: KnownSecrets, secret: string): void {
  const { byLength, firsts } = known
  firsts.add(secret.charAt(0))
  const same = byLength.get(secret.length)
  if (same !== undefined) {
    same.add(secret)
    return
  }
  byLength.set(secret.length, new Set([secret]))
  known.lengths = [...byLength.keys()].sort((a, b) => b - a)
}

/** A secret of this length is masked everywhere; a shorter one only as a word of its own: "test" must not eat "latest". */
const LONG = 8
const WORD = /[\p{L}\p{N}_]/u

function maskKnown(text: string, { byLength, lengths, firsts }: KnownSecrets): string {
  let masked = ''
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    if (!firsts.has(text.charAt(at))) continue
    const length = lengths.find(
      (one) =>
        byLength.get(one)?.has(text.slice(at, at + one)) && (one >= LONG || isWord(text, at, at + one)),
    )
    if (length === undefined) continue
    masked += text.slice(from, at) + MASK
    from = at + length
    at = from - 1
  }
  return masked + text.slice(from)
}

/** What is before and behind is no letter and no digit, also none of two code units. */
function isWord(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start)
  const behind = text.codePointAt(end)
  const last = [...before].at(-1)
  return (
    (last === undefined || !WORD.test(last)) &&
    (behind === undefined || !WORD.test(String.fromCodePoint(behind)))
  )
}
