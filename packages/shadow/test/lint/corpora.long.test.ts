import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildGraph } from '@tidemark/core'
import { createLinter, type LintFinding } from '@tidemark/lint'
import { corporaMissing } from '@tidemark/test-servers'
import { describe, expect, test } from 'vitest'
import { observeMigration, readSchema } from '../../src/check/observe/observe-migration.ts'
import type { Shadow } from '../../src/index.ts'
import { useServer } from '../support/engines.ts'
import { corpus } from '../support/migrations.ts'

/**
 * The findings on the histories of other projects, each migration as a release of its own. Each was read by hand:
 * `verdicts/` has the verdict first, `right` or `false`. `UPDATE_VERDICTS=1` writes what is found now, with `?` where
 * nobody has looked yet.
 */
describe.skipIf(corporaMissing)('lint of other projects', () => {
  const server = useServer()

  test.each(['goalert', 'concourse'])(
    '%s has the findings that were read, and no false one',
    async (project) => {
      const file = fileURLToPath(new URL(`verdicts/${project}.tsv`, import.meta.url))
      const judged = await readFile(file, 'utf8')
      const verdicts = new Map(
        judged.split('\n').map((line) => {
          const [verdict = '', ...finding] = line.split('\t')
          return [finding.join('\t'), verdict]
        }),
      )
      const shadow = await server.open()
      const found = await lintEach(shadow, project).finally(() => shadow.close())
      const lines = found.map(({ rule, migrationId, statement, message }) => {
        const line = [rule, migrationId, statement ?? '', message].join('\t')
        return `${verdicts.get(line) ?? '?'}\t${line}`
      })
      const written = `${lines.join('\n')}\n`
      if (process.env['UPDATE_VERDICTS'] === '1') await writeFile(file, written)
      expect(judged).toBe(written)
      expect(lines.filter((line) => !line.startsWith('right\t'))).toEqual([])
    },
  )
})

async function lintEach(shadow: Shadow, project: string): Promise<readonly LintFinding[]> {
  const findings: LintFinding[] = []
  const graph = buildGraph(await corpus(project))
  if (!graph.ok) throw new TypeError('the migrations have an order')
  for (const { migration } of graph.value.nodes) {
    const { traced, before, after } = await observeMigration(shadow, migration, {
      parts: ['lint'],
      before: null,
    })
    await shadow.apply([migration])
    if (before === null || traced === null) throw new TypeError('lint needs both')
    const linter = await createLinter()
    linter.add({
      migration,
      before,
      after: after ?? (await readSchema(shadow)),
      observed: traced.untraced === null ? traced.statements : null,
    })
    findings.push(...linter.finish())
  }
  return findings
}
