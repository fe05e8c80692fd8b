import { ok, parseMigration, TidemarkError } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import type { Stage } from './play.ts'
import { type SquashId, type SquashOperation, SquashReference } from './squash-model.ts'

/**
 * Plays a sequence over a squash against reference and database, and compares after each operation.
 *
 * @throws Error at the first difference.
 */
export async function playSquash(stage: Stage, sequence: readonly SquashOperation[]): Promise<void> {
  const schema = stage.newSchema()
  await stage.client.query(
    `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.effect (label text); CREATE TABLE ${schema}.ran (label text)`,
  )
  const reference = new SquashReference()
  const runner = createMigrationRunner({
    database: stage.url,
    schema,
    migrations: {
      readMigrations: async () =>
        ok({ migrations: [...reference.files].map((id) => toMigration(id, schema)), notes: [] }),
    },
  })
  const settle = async (run: Promise<unknown>) => {
    try {
      await run
      return 'done'
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      return error.code
    }
  }
  try {
    for (const [index, operation] of sequence.entries()) {
      const where = `operation ${index} ${JSON.stringify(operation)}`
      if (!reference.change(operation)) {
        const isUp = operation.kind === 'up'
        const found = await settle(
          isUp ? runner.runMigrations() : runner.rollBack({ request: { kind: 'steps', count: 1 } }),
        )
        expectEqual(where, { outcome: found }, { outcome: isUp ? reference.up() : reference.down() })
      }
      const pending = reference.isBroken ? 'refused' : (await runner.status()).pending.join()
      expectEqual(where, { pending, ...(await observe(stage, schema)) }, describe(reference))
    }
  } finally {
    await stage.client.query(`DROP SCHEMA ${schema} CASCADE`)
  }
}

function expectEqual(where: string, found: object, expected: object): void {
  const [is, mustBe] = [JSON.stringify(found), JSON.stringify(expected)]
  if (is !== mustBe) throw new Error(`${where}: must be ${mustBe}, is ${is}`)
}

async function observe({ client }: Stage, schema: string): Promise<object> {
  const list = (table: string) =>
    `(SELECT coalesce(string_agg(label, ',' ORDER BY label), '') FROM ${schema}.${table}) AS ${table}`
  const { rows } = await client.query<object>(`SELECT ${list('effect')}, ${list('ran')}`)
  return rows[0] ?? {}
}

function describe({ isBroken, pending, effect, ran }: SquashReference): object {
  return {
    pending: isBroken ? 'refused' : pending.join(),
    effect: effect.toSorted().join(),
    ran: ran.toSorted().join(),
  }
}

const DEPENDS_ON: Readonly<Record<SquashId, string>> = { p: '', q: 'p', s: '', z: 'q' }

function toMigration(id: SquashId, schema: string) {
  const labels = id === 's' ? ['p', 'q'] : [id]
  const text = [
    `-- Depends on: [${DEPENDS_ON[id]}]`,
    ...(id === 's' ? ['-- Replaces: [p, q]'] : []),
    '-- @up',
    ...labels.map((label) => `INSERT INTO ${schema}.effect VALUES ('${label}');`),
    `INSERT INTO ${schema}.ran VALUES ('${id}');`,
    '-- @down',
    ...labels.map((label) => `DELETE FROM ${schema}.effect WHERE label = '${label}';`),
    '',
  ].join('\n')
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}
