import { PUBLIC_WORDS } from './public-words.ts'

/** What replaces a secret. */
export const MASK = '***'

const SHORTEST_SECRET = 4

/**
 * Lists the passwords in a connection string or a variable's value: of a URL (also one that does not parse),
 * of a query parameter, of a `keyword=value` string. Each as written and decoded.
 *
 * @example findSecrets('postgres://ada:p%40ss@db/shop') // ['p%40ss', 'p@ss']
 */
export function findSecrets(value: string): readonly string[] {
  const found: string[] = []
  const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^:@/?#]*):(.*)@(.*)$/is.exec(value)
  const visible = [userInfo?.[1] ?? '', ...(userInfo?.[3] ?? '').split(/[/:?&=,]/)]
  // A password with an unescaped delimiter is cut apart by a parser: each part can turn up in a message.
  if (userInfo?.[2] !== undefined) found.push(userInfo[2], ...userInfo[2].split(/[@/?#:]/))
  for (const match of value.matchAll(
    /(?:^|[?&\s])(?:ssl)?password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^&\s#]+))/gi,
  )) {
    found.push(match[1] ?? match[2] ?? '')
  }
  const decoded = found.flatMap((secret) => [secret, decode(secret)])
  return [...new Set(decoded)].filter((secret) => isWorthMasking(secret, visible))
}

/**
 * Tells whether masking a secret everywhere helps: very short ones and ones that equal a public part would
 * only garble text.
 */
export function isWorthMasking(secret: string, visible: readonly string[] = []): boolean {
  return secret.length >= SHORTEST_SECRET && !PUBLIC_WORDS.has(secret) && !visible.includes(secret)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
