import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  exhaustedHelp,
  type MigrationPlan,
  type PlanTarget,
  parseSavedPlan,
  type SavedPlan,
  savePlan,
  TidemarkError,
} from '@tidemark/core'
import { makeFolder, replaceFile } from '@tidemark/core/node'
import { refuse } from '../project/refuse.ts'

/**
 * Writes a plan to a file, for `up --plan`.
 *
 * @throws {TidemarkError} TM7012 when that fails.
 */
export function writePlan(path: string, plan: MigrationPlan, target: PlanTarget): Promise<void> {
  return writeSavedPlan(path, savePlan(plan, target))
}

/** Writes a plan that is saved already, as {@link writePlan} does. */
export async function writeSavedPlan(path: string, saved: SavedPlan): Promise<void> {
  try {
    await makeFolder(dirname(resolve(path)))
    await replaceFile(
      path,
      `${JSON.stringify(saved, null, 2)}
`,
    )
  } catch (cause) {
    throw cannot('written', path, cause, 'name a file that this user may write')
  }
}

/**
 * Reads a plan that `plan --out` wrote.
 *
 * @throws {TidemarkError} TM7012 when the file cannot be read, TM4008 when it is no plan.
 */
export async function readPlan(path: string): Promise<SavedPlan> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw cannot('read', path, cause, 'write one with `tidemark plan --out FILE`')
  })
  const plan = parseSavedPlan(text, path)
  if (!plan.ok) throw refuse(plan.error)
  return plan.value
}

function cannot(what: string, path: string, cause: unknown, help: string): TidemarkError {
  const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return new TidemarkError({
    code: 'TM7012',
    message: `the plan "${path}" cannot be ${what}${reason}`,
    help: exhaustedHelp(cause) ?? help,
    cause,
  })
}
