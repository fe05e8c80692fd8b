import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { createProject, ENGINES, type Project, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

describe.each(ENGINES)('on an %s database', (engine) => {
  let project: Project
  beforeEach(async () => {
    project = await createProject(SHOP, engine)
  })
  afterEach(() => project.remove())

  test('plan says what up does, in order, and writes nothing', async () => {
    const plan = {
      code: 0,
      stdout: `tidemark  <database>  3 pending of 3

  1  001_users         pending
  2  002_posts         pending   after 001_users
     · takes SHARE ROW EXCLUSIVE on users  line 6
  3  003_posts_author  pending   after 002_posts   no transaction

Locks are read from the text; triggers, functions, partitions can add more.
Nothing was changed. Execute it with \`tidemark up\`.
`,
      stderr: '',
    }
    expect(await project.run(['plan'])).toEqual(plan)
    expect(await project.run(['up', '--dry-run'])).toEqual(plan)
    expect((await project.run(['status'])).code).toBe(3)
  })

  test('up applies everything once, and a second run says that nothing is pending', async () => {
    expect(await project.run(['up'])).toEqual({
      code: 0,
      stdout: `tidemark  <database>  3 pending of 3
 ✓ 001_users <time>
 ✓ 002_posts <time>
 ✓ 003_posts_author <time>   no transaction
✓ 3 migrations applied in <time>, nothing pending
`,
      stderr: '',
    })
    expect(await project.run(['up'])).toEqual({
      code: 0,
      stdout: 'tidemark  <database>  3 of 3 applied, nothing pending\n',
      stderr: '',
    })
  })

  test('up takes a target with what it needs, then steps', async () => {
    expect(await project.run(['up', '--target', '002_posts'])).toEqual({
      code: 0,
      stdout: `tidemark  <database>  3 pending of 3
 ✓ 001_users <time>
 ✓ 002_posts <time>
✓ 2 migrations applied in <time>; not included: 003_posts_author
`,
      stderr: '',
    })
    expect(await project.run(['up', '--steps', '1', '--quiet'])).toEqual({
      code: 0,
      stdout: '✓ 1 migration applied in <time>, nothing pending\n',
      stderr: '',
    })
  })

  test('status shows each state, and its exit code whether something is pending', async () => {
    await project.run(['up', '--steps', '1'])
    expect(await project.run(['status'])).toEqual({
      code: 3,
      stdout: `tidemark  <database>  3 migrations

 ✓  001_users         applied  <moment> <time>
 ·  002_posts         pending
 ·  003_posts_author  pending

1 applied, 2 pending; head: 003_posts_author
`,
      stderr: '',
    })
    await project.run(['up'])
    expect((await project.run(['status'])).code).toBe(0)
  })

  test('a failing migration is reported with place, frame, SQLSTATE and state, and the next run goes on', async () => {
    const broken = '-- Depends on: [003_posts_author]\n-- @up\nSELECT 1;\n\nSELECT 1 / 0;\n'
    await project.write('migrations/004_broken.sql', broken)
    expect(await project.run(['up'])).toEqual({
      code: 1,
      stdout: `tidemark  <database>  4 pending of 4
 ✓ 001_users <time>
 ✓ 002_posts <time>
 ✓ 003_posts_author <time>   no transaction
`,
      stderr: ` ✗ 004_broken <time>
   migrations/004_broken.sql:5:1  statement 2 of 2
     4 │
   > 5 │ SELECT 1 / 0;
       │ ^^^^^^
   ERROR 22012 division by zero  (TM5004)
   The database is unchanged by "004_broken" (rolled back). 001_users, 002_posts, 003_posts_author are done. Fix the file and run "tidemark up" again.
`,
    })
    expect(await project.run(['status'])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(
        ' ✗  004_broken        failed (pending)\n    "004_broken" statement 2 of 2: division by zero\n',
      ),
    })
    await project.write('migrations/004_broken.sql', broken.replace('/ 0', '/ 1'))
    expect((await project.run(['up'])).stdout).toBe(`tidemark  <database>  1 pending of 4
 ✓ 004_broken <time>
✓ 1 migration applied in <time>, nothing pending
`)
  })

  test('an applied file that changed refuses the run with the difference, and nothing runs', async () => {
    await project.run(['up', '--target', '001_users'])
    await project.write(
      'migrations/001_users.sql',
      SHOP['migrations/001_users.sql']?.replace('int', 'bigint') ?? '',
    )
    const changed = `migrations/001_users.sql:5:1 error TM4001: "001_users" has changed since it was applied: @up
5 | CREATE TABLE users (id bigint PRIMARY KEY);
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
- CREATE TABLE users (id int PRIMARY KEY);
+ CREATE TABLE users (id bigint PRIMARY KEY);
help: restore the file and put the change into a new migration; if the database already matches the file: tidemark repair 001_users --adopt
`
    expect(await project.run(['up'])).toEqual({ code: 4, stdout: '', stderr: changed })
    expect(await project.run(['plan'])).toMatchObject({ code: 4, stderr: `${changed}\n` })
    expect(await project.run(['status'])).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('1 applied, 2 pending, 1 changed'),
    })
  })

  test('a comment that changed is reported and refuses nothing', async () => {
    await project.run(['up', '--target', '001_users'])
    await project.write('migrations/001_users.sql', `${SHOP['migrations/001_users.sql']}-- more\n`)
    expect(await project.run(['up'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning TM4001'),
    })
    expect((await project.run(['status'])).code).toBe(0)
    expect((await project.run(['status', '--strict'])).code).toBe(4)
  })

  test('a saved plan is executed as it is, and refused once something has moved', async () => {
    await project.run(['plan', '--target', '001_users', '--out', 'plans/one.json'])
    expect(
      (await project.run(['up', '--plan', 'plans/one.json'])).stdout,
    ).toBe(`tidemark  <database>  3 pending of 3
 ✓ 001_users <time>
✓ 1 migration applied in <time>; not included: 002_posts, 003_posts_author
`)
    const again = await project.run(['up', '--plan', 'plans/one.json'])
    expect(again).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('TM4006') })
  })

  test('down shows the plan and needs --yes without a terminal', async () => {
    await project.run(['up', '--target', '002_posts'])
    const plan = `tidemark  <database>  1 to roll back

  1  002_posts  applied <moment> by <user> in run <run>
     DROP TABLE posts;
     ! drops the table posts, about 0 rows
     · takes ACCESS EXCLUSIVE on posts, and on the tables it refers to

1 other migration stays applied.
Never checked what this brings back: 002_posts.
Locks are read from the text; triggers, functions, partitions can add more.
`
    expect(await project.run(['down'])).toEqual({
      code: 2,
      stdout: plan,
      stderr: `error TM7010: rolling back needs a confirmation, and there is no terminal to ask on
help: look at the plan, then run \`tidemark down --yes\`
`,
    })
    expect(await project.run(['down', '--yes'])).toEqual({
      code: 0,
      stdout: `${plan} ✓ 002_posts <time>
✓ 1 migration rolled back in <time>
`,
      stderr: '',
    })
    expect((await project.run(['status'])).stdout).toContain('1 applied, 2 pending')
  })

  test('down refuses what others depend on, and takes them along with --cascade', async () => {
    await project.run(['up'])
    expect(await project.run(['down', '--target', '002_posts', '--yes', '--schema', 'public'])).toMatchObject(
      {
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(
          'help: roll it back too: tidemark down --target 002_posts --cascade --schema public\n',
        ),
      },
    )
    const cascade = await project.run(['down', '--target', '002_posts', '--cascade', '--yes'])
    expect(cascade.stdout).toContain('✓ 2 migrations rolled back in <time>\n')
    expect((await project.run(['down', '--all', '--yes'])).stdout).toContain('✓ 1 migration rolled back')
    expect(await project.run(['down', '--yes'])).toEqual({
      code: 0,
      stdout: 'nothing to roll back\n',
      stderr: '',
    })
  })

  test('the command that a plan suggests takes what the plan showed', async () => {
    for (const args of [['plan'], ['up', '--dry-run']]) {
      expect((await project.run([...args, '--target', '001', '--blocking', '-n', '1'])).stdout).toContain(
        'Execute it with `tidemark up --target 001 --steps 1 --blocking`.',
      )
    }
  })

  test('migrate --dry-run shows the plan, --execute applies it, and neither only shows it without a terminal', async () => {
    const shown = await project.run(['migrate', '--target', '001_users'])
    expect(shown.stdout).toContain(
      'Nothing was changed. Execute it with `tidemark migrate --execute --target 001_users`.',
    )
    expect(await project.run(['migrate', '--dry-run', '--target', '001_users'])).toEqual(shown)
    expect((await project.run(['migrate', '--execute'])).stdout).toContain('✓ 3 migrations applied')
  })

  test('history lists attempts, the newest first', async () => {
    await project.run(['up', '--steps', '1'])
    await project.run(['down', '--yes'])
    const { stdout, code } = await project.run(['history'])
    expect(code).toBe(0)
    const shown = stdout.replaceAll(/ {2}\S+@\S+$/gm, '  <who>').replaceAll(/\b[0-9a-f]{8}\b/g, '<run>')
    expect(shown).toBe(`tidemark  <database>  2 attempts

 ✓  <moment>  <run>  down  001_users <time>  <who>
 ✓  <moment>  <run>  up    001_users <time>  <who>
`)
  })

  test('--keep-going goes on with what does not depend on a failure', async () => {
    await project.write('migrations/000_broken.sql', '-- @up\nSELECT 1 / 0;\n')
    const { code, stdout, stderr } = await project.run(['up', '--keep-going'])
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `tidemark  <database>  4 pending of 4
 ✓ 001_users <time>
 ✓ 002_posts <time>
 ✓ 003_posts_author <time>   no transaction
`,
    })
    expect(stderr).toContain('✗ 000_broken')
    expect(stderr).not.toContain('held back')
  })

  test('of many that are left out the first few are named', async () => {
    const many = Array.from({ length: 8 }, (_, place) => `10${place}_more`)
    for (const id of many)
      await project.write(`migrations/${id}.sql`, '-- @up\nSELECT 1;\n-- @down\nSELECT 1;\n')
    const few = '002_posts, 003_posts_author, 100_more, 101_more, 102_more and 5 more'
    const { stdout } = await project.run(['plan', '--steps', '1'])
    expect(stdout).toContain(`Not included: ${few}.\n`)
    const up = await project.run(['up', '--steps', '1'])
    expect(up.stdout).toContain(`; not included: ${few}\n`)
  })

  test('a run that failed ends with what was done, what failed and what was not run', async () => {
    await project.write('migrations/001_broken.sql', '-- Depends on: [001_users]\n-- @up\nSELECT 1 / 0;\n')
    await project.write('migrations/004_more.sql', '-- Depends on: [001_broken]\n-- @up\nSELECT 1;\n')
    await project.write('migrations/005_odd.sql', '-- @up\nSELECT nonsense;\n')
    const lastLine = async (args: readonly string[]) => {
      const { code, stderr } = await project.run(args)
      return { code, line: stderr.trimEnd().split('\n').at(-1) }
    }
    expect(await lastLine(['up'])).toEqual({
      code: 1,
      line: '✗ 1 done, 1 failed: 001_broken; 4 not run: 002_posts, 003_posts_author, 004_more, 005_odd',
    })
    expect(await lastLine(['up', '--keep-going'])).toEqual({
      code: 1,
      line: '✗ 2 done, 2 failed: 001_broken, 005_odd; 1 held back, needing what failed: 004_more',
    })
  })
})
