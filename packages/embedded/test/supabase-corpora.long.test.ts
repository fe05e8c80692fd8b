import type { Connection } from '@tidemark/pg-driver/engine'
import { corporaMissing, corpusFolder, readCorpus } from '@tidemark/test-servers'
import { describe, expect, test } from 'vitest'
import { type SupabaseDatabase, supabaseEngines } from './support/engines.ts'
import { postgrestRequest as request } from './support/postgrest-request.ts'

const ADA = '5a0d5ab1-8a5b-4d0c-a3c8-0d9b3a3b0001'
const BOB = '5a0d5ab1-8a5b-4d0c-a3c8-0d9b3a3b0002'

describe.skipIf(corporaMissing).each(Object.entries(supabaseEngines))(
  'on the Supabase profile %s',
  (_, open) => {
    test('Supabase Auth applies, and its functions read the request', async () => {
      await withCorpora(open, ['supabase_auth'], async (connection) => {
        const { rows } = await connection.query(
          "SELECT count(*)::int AS columns FROM information_schema.columns WHERE table_schema = 'auth' AND table_name = 'users'",
        )
        expect(rows).toEqual([{ columns: 35 }])
        expect(
          await request(connection, 'authenticated', ADA, 'SELECT auth.uid() AS uid, auth.role() AS role'),
        ).toEqual([{ uid: ADA, role: 'authenticated' }])
        await expect(request(connection, 'anon', null, 'SELECT * FROM auth.users')).rejects.toMatchObject({
          code: '42501',
        })
      })
    })

    test('basejump applies on Supabase Auth, and each user sees the accounts of their own', async () => {
      await withCorpora(open, ['supabase_auth', 'basejump'], async (connection) => {
        await signUp(connection)
        const names = 'SELECT name FROM basejump.accounts ORDER BY name'
        expect(await request(connection, 'authenticated', ADA, names)).toEqual([{ name: 'ada' }])
        expect(await request(connection, 'authenticated', BOB, names)).toEqual([{ name: 'bob' }])
        await expect(request(connection, 'anon', null, names)).rejects.toMatchObject({ code: '42501' })
        expect(await request(connection, 'service_role', null, names)).toEqual([
          { name: 'ada' },
          { name: 'bob' },
        ])
      })
    })

    test('nextbase applies on the profile alone, and drafts are seen by their author', async () => {
      await withCorpora(open, ['nextbase'], async (connection) => {
        await signUp(connection)
        const post = (slug: string, published: boolean) =>
          `INSERT INTO content_blog_posts (slug, title, body, author_id, is_published) VALUES ('${slug}', 't', 'b', '${ADA}', ${published})`
        await request(connection, 'authenticated', ADA, post('draft', false))
        await request(connection, 'authenticated', ADA, post('out', true))
        await expect(request(connection, 'authenticated', BOB, post('forged', true))).rejects.toMatchObject({
          code: '42501',
        })
        const slugs = 'SELECT slug FROM content_blog_posts ORDER BY slug'
        expect(await request(connection, 'authenticated', ADA, slugs)).toEqual([
          { slug: 'draft' },
          { slug: 'out' },
        ])
        expect(await request(connection, 'authenticated', BOB, slugs)).toEqual([{ slug: 'out' }])
        expect(await request(connection, 'anon', null, slugs)).toEqual([{ slug: 'out' }])
      })
    })
  },
)

async function withCorpora(
  open: () => Promise<SupabaseDatabase>,
  names: readonly string[],
  check: (connection: Connection) => Promise<void>,
): Promise<void> {
  const database = await open()
  try {
    for (const name of names) {
      const runner = database.createRunner(corpusFolder(name), `tidemark_${name}`)
      const { done } = await runner.runMigrations()
      expect(done).toEqual(readCorpus(name).map(({ id }) => id))
      expect((await runner.status()).pending).toEqual([])
    }
    const connection = await database.connect()
    await check(connection)
    await connection.close()
  } finally {
    await database.close()
  }
}

async function signUp(connection: Connection): Promise<void> {
  await connection.query(
    `INSERT INTO auth.users (id, email) VALUES ('${ADA}', 'ada@example.org'), ('${BOB}', 'bob@example.org')`,
  )
}
