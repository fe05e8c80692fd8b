import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMigration } from '@tidemark/core'
import { createEmbeddedDatabase, type ExtensionArchives } from '@tidemark/embedded'
import { connectToServer, openWire } from '@tidemark/pg-driver/engine'
import { createTestDatabase } from '@tidemark/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { draftBaseline, type LiveDatabase, openShadow, takeSnapshot } from '../src/index.ts'

const path = 'migrations/001_baseline.sql'

async function serverWith(sql: string): Promise<LiveDatabase> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  await database.query(sql)
  const options = { url: database.url, applicationName: 'test', timeoutMs: 0 }
  return {
    // Nothing may be written there.
    connect: () => connectToServer({ ...options, startupOptions: '-c default_transaction_read_only=on' }),
    openWire: () => openWire({ ...options, startupOptions: '-c default_transaction_read_only=on' }),
  }
}

async function embeddedWith(
  sql: string,
  profile: 'plain' | 'supabase',
  extensions: ExtensionArchives = {},
): Promise<LiveDatabase> {
  const database = createEmbeddedDatabase({ database: 'pglite:memory', profile, extensions })
  onTestFinished(() => database.close())
  const connection = await database.connect('test')
  await connection.query(sql)
  await connection.close()
  return { connect: () => database.connect('test'), openWire: () => database.openWire('test') }
}

const SHOP = `
CREATE SCHEMA sales;
CREATE TYPE sales.state AS ENUM ('new', 'done');
CREATE DOMAIN sales.cents AS bigint CHECK (VALUE >= 0);
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE sales.orders (
  id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, state sales.state NOT NULL DEFAULT 'new',
  total sales.cents, at timestamptz NOT NULL DEFAULT now(), CONSTRAINT total_known CHECK (state <> 'done' OR total IS NOT NULL)
);
CREATE INDEX orders_new ON sales.orders (at) WHERE state = 'new';
CREATE VIEW sales.open_orders AS SELECT o.id, u.email FROM sales.orders o JOIN users u ON u.id = o.user_id WHERE state = 'new';
CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.at = now(); RETURN new; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.touch();
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON users USING (true);
COMMENT ON TABLE users IS 'who buys';
CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO users (email) VALUES ('ada@example.com');
`

test('a first migration from a server is proved to make the same schema, and holds no rows', async () => {
  const draft = await draftBaseline({ live: await serverWith(SHOP), path })
  expect(draft.proof).toEqual({ kind: 'equal', serverVersion: expect.stringMatching(/^18\./) })
  expect(draft.tables).toBe(4)
  expect(draft.text).not.toContain('ada@example.com')
  const parsed = parseMigration({ path, text: draft.text })
  if (!parsed.ok) throw new TypeError('the draft does not parse')
  expect(parsed.value.notes).toEqual([])
  const shadow = await openShadow({ migrations: [parsed.value.migration] })
  expect((await takeSnapshot(shadow)).match(/^CREATE TABLE \S+/gm)).toEqual([
    'CREATE TABLE public.events',
    'CREATE TABLE public.events_2026',
    'CREATE TABLE public.users',
    'CREATE TABLE sales.orders',
  ])
  await shadow.close()
})

test('what a managed service keeps in the database is left out', async () => {
  const live = await embeddedWith(
    `CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users);
     ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
     CREATE FUNCTION public.add_profile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
     CREATE TRIGGER on_user AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.add_profile();
     CREATE POLICY own_files ON storage.objects FOR SELECT USING (owner = auth.uid());
     ALTER TABLE auth.users ADD COLUMN of_tomorrow boolean;
     CREATE TABLE auth.mfa (id int);
     CREATE TABLE vault.secrets (id int);`,
    'supabase',
  )
  const draft = await draftBaseline({ live, path, shadow: { profile: 'supabase' } })
  expect(draft.text.match(/^-- Name: .*$/gm)).toEqual([
    '-- Name: add_profile(); Type: FUNCTION; Schema: public',
    '-- Name: profiles; Type: TABLE; Schema: public',
    '-- Name: profiles profiles_pkey; Type: CONSTRAINT; Schema: public',
    '-- Name: users on_user; Type: TRIGGER; Schema: auth',
    '-- Name: profiles profiles_id_fkey; Type: FK CONSTRAINT; Schema: public',
    '-- Name: profiles; Type: ROW SECURITY; Schema: public',
    '-- Name: objects own_files; Type: POLICY; Schema: storage',
    '-- Name: FUNCTION add_profile(); Type: ACL; Schema: public',
    '-- Name: TABLE profiles; Type: ACL; Schema: public',
  ])
  expect(draft.proof).toMatchObject({ kind: 'equal' })
})

test('what the shadow cannot run is written, and not claimed to be proved', async () => {
  const files = mkdtempSync(join(tmpdir(), 'tidemark-extension-'))
  writeFileSync(join(files, 'greeter.control'), "default_version = '1.0'\n")
  writeFileSync(join(files, 'greeter--1.0.sql'), 'CREATE TABLE greetings (id int);')
  const live = await embeddedWith('CREATE EXTENSION greeter;', 'plain', { greeter: files })
  const draft = await draftBaseline({ live, path })
  expect(draft.text).toContain('CREATE EXTENSION IF NOT EXISTS greeter')
  expect(draft.proof).toEqual({
    kind: 'not_checked',
    why: 'the migration needs the extension "greeter", which this shadow does not have',
  })
})
