/** What an `options` value asks for: settings, which SET can make too, and what only a start can. */
export interface StartupOptions {
  readonly settings: readonly (readonly [name: string, value: string])[]
  readonly others: readonly string[]
}

/**
 * Reads an `options` value as a server does: words are separated by blanks, a backslash keeps the next
 * character. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
 *
 * @example parseStartupOptions('-c search_path=shop --geqo=off').settings // [['search_path', 'shop'], ['geqo', 'off']]
 */
export function parseStartupOptions(options: string): StartupOptions {
  const words = options.match(/(?:\\.|[^\s\\])+/gs) ?? []
  const settings: (readonly [string, string])[] = []
  const others: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const text = word === '-c' ? words[++index] : /^(?:-c|--)(.*)$/s.exec(word)?.[1]
    const setting = /^([^=]+)=(.*)$/s.exec(text?.replace(/\\(.)/gs, '$1') ?? '')
    if (setting === null) others.push(word)
    else settings.push([(setting[1] ?? '').replaceAll('-', '_'), setting[2] ?? ''])
  }
  return { settings, others }
}

/** Writes one setting for `options`. */
export function formatStartupOption(name: string, value: string): string {
  return `-c ${name}=${value.replace(/[\s\\]/g, '\\$&')}`
}
