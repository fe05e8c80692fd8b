import { SHADOW, shadowCatalog, type TestDatabase } from '@tidemark/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { countOutcomes } from '../../src/index.ts'
import { openDatabase, openFleet, tenantsOf } from '../support.ts'
import { startWorker } from './support.ts'

const ONE = { '001_a': 'CREATE TABLE a (id int)' }

/** A role that may create schemas in a database, and the URL with which a role of the same rights works. */
async function openShared(): Promise<{ queue: TestDatabase; mallory: string; url: string }> {
  const queue = await openDatabase()
  const [mallory, owner] = [`mallory_${queue.name}`, `owner_${queue.name}`]
  await queue.query(
    `CREATE ROLE ${mallory} LOGIN PASSWORD 'm'; CREATE ROLE ${owner} LOGIN PASSWORD 'o'; GRANT CREATE ON DATABASE ${queue.name} TO ${mallory}, ${owner}`,
  )
  onTestFinished(async () => {
    await queue.query(`DROP OWNED BY ${mallory}, ${owner} CASCADE; DROP ROLE ${mallory}, ${owner}`)
  })
  const url = new URL(queue.url)
  url.username = owner
  url.password = 'o'
  return { queue, mallory, url: url.href }
}

test.each([
  [
    'the schema',
    'CREATE SCHEMA tidemark_jobs AUTHORIZATION MALLORY',
    'the schema tidemark_jobs belongs to MALLORY',
  ],
  [
    'a table',
    'CREATE SCHEMA tidemark_fleet AUTHORIZATION OWNER; CREATE TABLE tidemark_fleet.rollouts (); ALTER TABLE tidemark_fleet.rollouts OWNER TO MALLORY',
    'the relation rollouts belongs to MALLORY',
  ],
  [
    'a function',
    "CREATE SCHEMA tidemark_jobs AUTHORIZATION OWNER; CREATE FUNCTION tidemark_jobs.add_job() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION tidemark_jobs.add_job OWNER TO MALLORY",
    'the function add_job belongs to MALLORY',
  ],
  [
    'a right',
    'CREATE SCHEMA tidemark_jobs AUTHORIZATION OWNER; GRANT USAGE ON SCHEMA tidemark_jobs TO PUBLIC',
    'the schema tidemark_jobs is open to PUBLIC',
  ],
  [
    'a trigger',
    "CREATE SCHEMA tidemark_fleet AUTHORIZATION OWNER; CREATE TABLE tidemark_fleet.rollouts (); CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER spy BEFORE INSERT ON tidemark_fleet.rollouts EXECUTE FUNCTION public.spy(); ALTER TABLE tidemark_fleet.rollouts OWNER TO OWNER",
    'the table rollouts has the trigger spy',
  ],
])('a queue in which another role has %s is refused, and nothing is written', async (_, sql, found) => {
  const { queue, mallory, url } = await openShared()
  const owner = mallory.replace('mallory', 'owner')
  const named = (text: string) => text.replaceAll('MALLORY', mallory).replace(/OWNER(?= ?(?:;|$))/g, owner)
  await queue.query(named(sql))
  const catalog =
    'SELECT oid, xmin FROM pg_class UNION ALL SELECT oid, xmin FROM pg_proc UNION ALL SELECT oid, xmin FROM pg_namespace ORDER BY 1'
  const before = await queue.query(catalog)
  const fleet = openFleet(ONE, { targets: [], queue: url })
  for (const ask of [fleet.up, fleet.queue.work, fleet.queue.list, fleet.queue.cancel])
    await expect(ask()).rejects.toMatchObject({
      code: 'TM3008',
      message: `the objects of the queue cannot be trusted: ${found.replaceAll('MALLORY', mallory)}`,
    })
  expect(await queue.query(catalog)).toEqual(before)
})

test('a new queue is closed to others, also where default privileges open new schemas', async () => {
  const { queue, mallory, url } = await openShared()
  const owner = mallory.replace('mallory', 'owner')
  await queue.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT USAGE ON SCHEMAS TO PUBLIC, ${mallory}`)
  const fleet = openFleet(ONE, { targets: [], queue: url })
  await startWorker(fleet)
  expect(await fleet.up()).toMatchObject({ ended: 'complete' })
  expect(
    await queue.query(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tidemark%' AND has_schema_privilege('${mallory}', oid, 'USAGE')`,
    ),
  ).toEqual([])
})

test('what shadows the catalog of the database of the queue is never called', async () => {
  const names = ['a', 'b', 'c']
  const database = await openDatabase(names)
  const queue = await openDatabase()
  await shadowCatalog(queue)
  const fleet = openFleet(ONE, {
    targets: tenantsOf(database, names),
    queue: queue.url,
    waves: ['30%', '100%'],
  })
  const worker = await startWorker(fleet, { allowDown: true })
  expect(countOutcomes((await fleet.up()).outcomes).done).toBe(3)
  const rollouts = await fleet.queue.list()
  expect(rollouts.map(({ state }) => state)).toEqual(['complete'])
  await expect(fleet.queue.pause(rollouts[0]?.rolloutId)).rejects.toMatchObject({ code: 'TM7074' })
  expect(JSON.stringify(worker.events)).not.toContain(SHADOW)
})
