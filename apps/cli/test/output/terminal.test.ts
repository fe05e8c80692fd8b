import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject, SHOP } from '../support/project.ts'
import { hasScript, runOnTerminal } from '../support/run-on-terminal.ts'

beforeAll(buildWhenStale)

const OFFER = 'No database is configured. Use an embedded PostgreSQL in .tidemark/db? [y/N]'

describe.skipIf(!hasScript)('on a terminal (needs util-linux script)', () => {
  test('up offers the embedded database, and a yes creates it', async () => {
    const project = await openProject(SHOP)
    const { code, screen } = await runOnTerminal(project, ['up'], [{ question: OFFER, answer: 'y' }])
    expect(code).toBe(0)
    expect(screen).toContain('To keep it, write "database": "pglite:.tidemark/db" into tidemark.config.json.')
    expect(screen).toMatch(/✓ 001_users +\d+ (ms|s)/)
    expect(existsSync(join(project.folder, '.tidemark/db'))).toBe(true)
  })

  test('a no creates nothing and exits 2', async () => {
    const project = await openProject(SHOP)
    const { code, screen } = await runOnTerminal(project, ['up'], [{ question: OFFER, answer: '' }])
    expect(code).toBe(2)
    expect(screen).toContain('error TM7001: no database is named')
    expect(existsSync(join(project.folder, '.tidemark'))).toBe(false)
  })

  test.each([
    [['status'], {}],
    [['up'], { CI: 'true' }],
    [['up'], { NODE_ENV: 'production' }],
    [['up'], { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
    [['up', '--json'], {}],
  ])('%j with %j offers nothing', async (args, env) => {
    const project = await openProject(SHOP)
    const { code, screen } = await runOnTerminal(project, args, [{ question: OFFER, answer: 'y' }], env)
    expect(code).toBe(2)
    expect(screen).not.toContain(OFFER)
    expect(screen).toContain('TM7001')
  })

  test('down asks after the plan, and rolls back on yes alone', async () => {
    const project = await openProject(SHOP, 'server')
    const env = { TIDEMARK_DATABASE_URL: project.database }
    await project.run(['up', '--target', '001_users'])
    const no = await runOnTerminal(project, ['down'], [{ question: 'Roll back?', answer: 'n' }], env)
    expect(no.code).toBe(2)
    expect(no.screen).toMatch(
      /1 to roll back\n\n {2}1 {2}001_users {2}applied .* in run [0-9a-f]{8}\n {5}DROP TABLE users;\n/,
    )
    expect(no.screen).toContain('error TM7010: not confirmed\nhelp: nothing was changed')
    const yes = await runOnTerminal(project, ['down'], [{ question: 'Roll back?', answer: 'yes' }], env)
    expect(yes.code).toBe(0)
    expect(yes.screen).toMatch(/✓ 1 migration rolled back in/)
  })
})
