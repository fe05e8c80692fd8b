import { type MigrationPlan, planApply } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { readProject } from '../project/read-project.ts'
import { refuse } from '../project/refuse.ts'

/**
 * Plans what a database that is new would get, from the files alone: what could not be applied is found before
 * the old one is dropped.
 *
 * @throws {TidemarkError} with every problem of every file as its diagnostics.
 */
export async function planAfterDrop(
  settings: Pick<Settings, 'migrations' | 'schema' | 'folder' | 'environment' | 'variables'>,
): Promise<MigrationPlan> {
  const { graph } = await readProject(settings)
  const planned = planApply({ graph, history: { kind: 'absent' }, options: {}, stored: new Map() })
  if (!planned.ok) throw refuse(planned.error)
  const problems = planned.value.findings.filter(({ severity }) => severity === 'error')
  if (problems.length > 0) throw refuse(problems)
  return planned.value
}
