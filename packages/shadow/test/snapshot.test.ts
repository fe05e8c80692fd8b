import { expect, test } from 'vitest'
import { dumpProfile, openShadow, takeSnapshot } from '../src/index.ts'
import { chain, migration } from './support/migrations.ts'

test('a snapshot is what pg_dump says of the schema, without the tracking tables', async () => {
  const migrations = chain({
    '001_users': `CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
      COMMENT ON TABLE users IS 'who';`,
    '002_reader': 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;',
    '003_view': 'CREATE VIEW names AS SELECT name FROM users;',
  })
  const shadow = await openShadow({ migrations })
  const text = await takeSnapshot(shadow)
  expect(text.match(/^-- Name: .*$/gm)).toEqual([
    '-- Name: users; Type: TABLE; Schema: public',
    '-- Name: TABLE users; Type: COMMENT; Schema: public',
    '-- Name: names; Type: VIEW; Schema: public',
    '-- Name: users_id_seq; Type: SEQUENCE; Schema: public',
    '-- Name: users users_pkey; Type: CONSTRAINT; Schema: public',
    '-- Name: TABLE users; Type: ACL; Schema: public',
  ])
  expect(text).not.toMatch(/postgres\b|restrict|Dumped|transaction_timeout/)
  // It changes nothing: taken again it is the same, and the shadow goes on.
  expect(await takeSnapshot(shadow)).toBe(text)
  await shadow.apply([migration('004_more', 'CREATE TABLE more (id int);', ['003_view'])])
  expect(await takeSnapshot(shadow)).toContain('CREATE TABLE public.more')
  await shadow.close()
})

test('a snapshot makes the same schema, and then the same snapshot', async () => {
  const migrations = chain({
    '001_a': `CREATE SCHEMA sales; CREATE TYPE sales.state AS ENUM ('new', 'done');
      CREATE TABLE sales.orders (id int PRIMARY KEY, state sales.state NOT NULL DEFAULT 'new', parent int REFERENCES sales.orders);
      CREATE INDEX ON sales.orders (state) WHERE state <> 'done';`,
    '002_b': `CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
      CREATE TRIGGER touched BEFORE UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.touch();
      ALTER TABLE sales.orders ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON sales.orders USING (id > 0);`,
  })
  const first = await openShadow({ migrations })
  const text = await takeSnapshot(first)
  await first.close()
  const second = await openShadow({ migrations: [migration('001_snapshot', text)] })
  expect(await takeSnapshot(second)).toBe(text)
  await second.close()
})

test('of a Supabase project it has what the migrations add, also to managed tables', async () => {
  const migrations = chain({
    '001_profiles': `CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users);
      CREATE FUNCTION public.add_profile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
      CREATE TRIGGER on_user AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.add_profile();`,
  })
  const options = { profile: 'supabase', schema: 'tidemark' } as const
  const profileDump = await dumpProfile(options)
  const shadow = await openShadow({ ...options, migrations })
  const text = await takeSnapshot(shadow, profileDump)
  expect(await takeSnapshot(shadow)).toBe(text)
  expect(text.match(/^-- Name: .*$/gm)).toEqual([
    '-- Name: add_profile(); Type: FUNCTION; Schema: public',
    '-- Name: profiles; Type: TABLE; Schema: public',
    '-- Name: profiles profiles_pkey; Type: CONSTRAINT; Schema: public',
    '-- Name: users on_user; Type: TRIGGER; Schema: auth',
    '-- Name: profiles profiles_id_fkey; Type: FK CONSTRAINT; Schema: public',
    '-- Name: FUNCTION add_profile(); Type: ACL; Schema: public',
    '-- Name: TABLE profiles; Type: ACL; Schema: public',
  ])
  await shadow.close()
})
