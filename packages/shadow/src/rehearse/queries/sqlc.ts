/**
 * Writes a query of sqlc as the server takes it: `@name`, `sqlc.arg(name)` and the like are parameters,
 * `sqlc.embed(table)` all columns of a table. A query that counts its parameters itself is given back as it is.
 *
 * @example withoutSqlcWords('SELECT * FROM users WHERE id = @id') // 'SELECT * FROM users WHERE id = $1'
 * @see https://docs.sqlc.dev/en/stable/reference/macros.html
 */
export function withoutSqlcWords(text: string): string {
  const embedded = text.replace(/\bsqlc\.embed\(\s*("?\w+"?)\s*\)/g, '$1.*')
  if (/\$\d/.test(embedded)) return embedded
  const places = new Map<string, number>()
  const place = (name: string): string => {
    const found = places.get(name) ?? places.size + 1
    places.set(name, found)
    return `$${found}`
  }
  return embedded
    .replace(/\bsqlc\.(?:n?arg|slice)\(\s*['"]?(\w+)['"]?\s*\)/g, (_, name: string) => place(name))
    .replace(/(^|[\s(,=])@(\w+)/g, (_, before: string, name: string) => before + place(name))
}
