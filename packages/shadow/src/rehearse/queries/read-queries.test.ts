import { describe, expect, test } from 'vitest'
import { readQueries } from './read-queries.ts'

const textsOf = (text: string) =>
  readQueries(text, 'log').queries.map((query) => `${query.source} ${query.text}`)

describe('queries are read from', () => {
  test('SQL, each once, without what cannot be prepared', () => {
    expect(
      textsOf(
        "BEGIN;\nSELECT 1; -- one\nselect ';' ;\nSELECT 1;\n/* a */ WITH x AS (SELECT 1) SELECT * FROM x;\nSET a = 1;",
      ),
    ).toEqual(['log:2 SELECT 1', "log:3 select ';'", 'log:5 WITH x AS (SELECT 1) SELECT * FROM x'])
  })

  test('files of sqlc, whose names become parameters', () => {
    expect(
      textsOf(
        "-- name: Get :one\nSELECT sqlc.embed(users), a FROM users WHERE id = @id AND (b = sqlc.narg('b') OR c = @id);\n-- name: Put :exec\nINSERT INTO t VALUES ($1, 'a@b');",
      ),
    ).toEqual([
      'log:2 SELECT users.*, a FROM users WHERE id = $2 AND (b = $1 OR c = $2)',
      "log:4 INSERT INTO t VALUES ($1, 'a@b')",
    ])
  })

  test('logs of Kysely, Drizzle and Prisma, as JSON and as they are printed', () => {
    const lines = [
      '{"level":"query","query":{"sql":"select \\"id\\" from \\"users\\" where \\"id\\" = $1","parameters":[1]},"queryDurationMillis":0.3}',
      '{"timestamp":"2026-11-30T09:00:00Z","query":"SELECT \\"public\\".\\"User\\".\\"id\\" FROM \\"public\\".\\"User\\"","params":"[]","duration":1}',
      '{"level":30,"msg":"Query: select 2 -- params: [1]"}',
      '{"level":30,"msg":"server started"}',
      'not json',
      '{"sql":"select 3"}',
      '{"query":"BEGIN"}',
    ]
    const read = readQueries(lines.join('\r\n'), 'log')
    expect(read.queries.map(({ text }) => text)).toEqual([
      'select "id" from "users" where "id" = $1',
      'SELECT "public"."User"."id" FROM "public"."User"',
      'select 2',
      'select 3',
    ])
    expect(read.unread).toBe(2)
    expect(textsOf('prisma:query SELECT 1\nprisma:query COMMIT\n')).toEqual(['log:1 SELECT 1'])
    expect(textsOf('Query: select 1 -- params: ["a"]\nQuery: select 2\n')).toEqual([
      'log:1 select 1',
      'log:2 select 2',
    ])
    expect(textsOf('["select 1", {"sql": "select 2"}]')).toEqual(['log:1 select 1', 'log:2 select 2'])
  })

  test('nothing that is empty, cut, or something else', () => {
    expect(readQueries('', 'log')).toEqual({ queries: [], unread: 0 })
    expect(readQueries('{"query": "sel', 'log')).toEqual({ queries: [], unread: 1 })
    expect(readQueries('[1, null]', 'log')).toEqual({ queries: [], unread: 2 })
    expect(readQueries("SELECT 'never ends", 'log').queries.length).toBe(1)
  })
})
