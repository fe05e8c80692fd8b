import { beforeAll, expect, test } from 'vitest'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { openProject } from '../support/project.ts'

beforeAll(buildWhenStale)

test('history goes back to a day, a moment, or so long ago', async () => {
  const { run, server } = await openProject(
    {
      'migrations/001_old.sql': '-- @up\nSELECT 1;\n',
      'migrations/002_new.sql': '-- @up\nSELECT 2;\n',
    },
    'server',
  )
  await run(['up'])
  await server?.query(
    "UPDATE migration_history SET executed_at = now() - interval '3 hours' WHERE migration_id = '001_old'",
  )
  const since = async (text: string) => {
    const { attempts } = JSON.parse((await run(['history', '--since', text, '--json'])).stdout)
    return attempts.map((attempt: { migrationId: string }) => attempt.migrationId)
  }
  expect(await since('2h')).toEqual(['002_new'])
  for (const text of ['4h', '1d', '1w', '2020-01-01', '2020-01-01T00:00:00Z']) {
    expect(await since(text)).toEqual(['002_new', '001_old'])
  }
  expect(await since('2999-01-01')).toEqual([])
})

test.each(['yesterday', '2 hours', '-2h', '2026', ''])('history --since %j is refused', async (text) => {
  const { run } = await openProject({}, 'embedded')
  expect(await run(['history', '--since', text])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error TM7008: "${text}" is neither a date nor a duration
help: write \`--since 2026-11-01\`, \`--since 2026-11-01T09:30:00Z\`, or \`--since 2h\` (s, min, h, d, w)
`,
  })
})
