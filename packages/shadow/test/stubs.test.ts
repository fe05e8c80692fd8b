import { expect, test } from 'vitest'
import { openShadow, takeSnapshot } from '../src/index.ts'
import { chain, migration } from './support/migrations.ts'

test('of extensions that act at run time it has the schema and the functions that migrations call', async () => {
  const migrations = chain({
    '001_cron': `CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog;
      GRANT USAGE ON SCHEMA cron TO postgres;
      SELECT cron.schedule('nightly', '0 3 * * *', 'VACUUM');
      SELECT cron.schedule('0 4 * * *', $$DELETE FROM old$$);
      SELECT cron.unschedule('nightly');`,
    '002_net': `CREATE EXTENSION IF NOT EXISTS pg_net WITH SCHEMA extensions;
      CREATE FUNCTION notify_hook() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM net.http_post(url := 'https://example.com', body := '{}'::jsonb); RETURN new; END $$;`,
    '003_vault': `CREATE EXTENSION IF NOT EXISTS supabase_vault WITH SCHEMA vault;
      SELECT vault.create_secret('value', 'name', 'what it is for');
      CREATE VIEW secret_names AS SELECT name FROM vault.decrypted_secrets;`,
    '004_graphql': `CREATE EXTENSION IF NOT EXISTS pg_graphql WITH SCHEMA graphql;
      COMMENT ON SCHEMA public IS '@graphql({"inflect_names": true})';`,
    '005_sodium': `CREATE EXTENSION IF NOT EXISTS pgsodium;
      SELECT id FROM pgsodium.create_key(name := 'k');`,
    '006_http': `CREATE EXTENSION IF NOT EXISTS http WITH SCHEMA extensions;
      SELECT status, content::jsonb FROM extensions.http_post('https://example.com', '{}', 'application/json') WHERE false;
      SELECT extensions.http(('DELETE', 'https://example.com', ARRAY[extensions.http_header('a', 'b')], NULL, NULL)::extensions.http_request);`,
  })
  const shadow = await openShadow({ migrations, profile: 'supabase' })
  expect(shadow.notChecked).toEqual([])
  expect(shadow.applied).toHaveLength(6)
  const names = (await takeSnapshot(shadow)).match(
    /^-- Name: .*; Type: (?:EXTENSION|TABLE|VIEW|FUNCTION).*$/gm,
  )
  expect(names).toEqual([
    '-- Name: pg_cron; Type: EXTENSION',
    '-- Name: pg_net; Type: EXTENSION',
    '-- Name: http; Type: EXTENSION',
    '-- Name: pg_graphql; Type: EXTENSION',
    '-- Name: pgsodium; Type: EXTENSION',
    '-- Name: supabase_vault; Type: EXTENSION',
    '-- Name: notify_hook(); Type: FUNCTION; Schema: public',
    '-- Name: secret_names; Type: VIEW; Schema: public',
  ])
  await shadow.close()
})

test('what a stand-in lacks is not checked, and no error of the migration', async () => {
  const migrations = [
    migration('001_net', 'CREATE EXTENSION pg_net; SELECT net.http_get_all(1);'),
    migration('002_cron', 'CREATE EXTENSION pg_cron; SELECT * FROM cron.calendar;'),
  ]
  const shadow = await openShadow({ migrations })
  expect(shadow.notChecked).toEqual([
    {
      migrationId: '001_net',
      why: 'needs the function net.http_get_all(integer), which this shadow does not have',
    },
    { migrationId: '002_cron', why: 'needs the relation "cron.calendar", which this shadow does not have' },
  ])
  await shadow.close()
})
