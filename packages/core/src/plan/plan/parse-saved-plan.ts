import * as z from 'zod'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { err, ok, type Result } from '../../result.ts'
import { digestDocument, digestDownVerdicts, digestRehearsal } from './digest-plan.ts'
import type { SavedPlan } from './saved-plan.ts'
import { SavedPlanSchema } from './saved-plan-schema.ts'

/**
 * Reads a saved plan back.
 *
 * @param text the JSON that `plan --out` wrote.
 * @param path how messages name the file.
 * @returns the plan, or TM4008: no JSON, another format version, a part that is missing or wrong,
 *   or contents that are not those of its digest.
 * @example parseSavedPlan(await readFile('plan.json', 'utf8'), 'plan.json')
 */
export function parseSavedPlan(text: string, path: string): Result<SavedPlan, readonly Diagnostic[]> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err([describe(text, path, 'is not valid JSON')])
  }
  const version = readVersion(value)
  if (version !== 1) {
    return err([describe(text, path, describeVersion(version))])
  }
  const parsed = SavedPlanSchema.safeParse(value)
  if (!parsed.success) {
    return err(parsed.error.issues.map((issue) => describe(text, path, describeIssue(issue))))
  }
  const { digest, rehearsal, downVerdicts } = parsed.data
  const isWhole = rehearsal === undefined || digestRehearsal(digest, rehearsal) === rehearsal.digest
  const isTrue =
    downVerdicts === undefined || digestDownVerdicts(digest, downVerdicts.migrations) === downVerdicts.digest
  if (isWhole && isTrue && digestDocument(parsed.data) === digest) return ok(parsed.data)
  return err([describe(text, path, 'was edited: its digest does not match its contents')])
}

function readVersion(value: unknown): unknown {
  const versioned = z.object({ formatVersion: z.unknown() }).safeParse(value)
  return versioned.success ? versioned.data.formatVersion : undefined
}

function describeVersion(version: unknown): string {
  const word = JSON.stringify(version)
  return word === undefined ? 'has no format version' : `has the format version ${word}, not 1`
}

function describeIssue(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  const place = issue.path.map(String).join('.')
  return `is invalid at "${place}": ${issue.message.toLowerCase()}`
}

function describe(text: string, path: string, what: string): Diagnostic {
  return {
    code: 'TM4008',
    severity: 'error',
    message: `the saved plan ${what}`,
    source: { path, text },
    span: { start: 0, end: 0 },
    help: 'make a new plan: tidemark plan --out plan.json',
  }
}
