import type { Diagnostic, MigrationId } from '@tidemark/core'
import { shownPath } from '@tidemark/import'
import { diagnosticToJson } from '../failure/error-to-json.ts'
import type { ImportJson } from '../schema/setup-schemas.ts'
import { EXIT, type ExitCode } from '../terminal/exit-codes.ts'
import { targetToJson } from '../text/target.ts'
import type { ImportCheck } from './check-import.ts'
import type { Adoption } from './import-adopt.ts'
import type { ImportPlan } from './import-project.ts'

/** An import as it was done, or would be. */
export interface ImportOutcome {
  readonly plan: ImportPlan
  readonly dryRun: boolean
  readonly adoption: Adoption | undefined
  readonly recorded: readonly MigrationId[]
  /** With `--check`, and of a recording. */
  readonly check?: ImportCheck
}

/** The document of `import --json`. */
export function importToJson({ plan, dryRun, adoption, recorded, check }: ImportOutcome): ImportJson {
  return {
    format: plan.format,
    source: plan.source,
    out: shownPath(plan.out),
    dryRun,
    migrations: plan.migrations.map(({ id, path, state, transaction, reversible, foreign }) => ({
      id,
      path,
      from: [...new Set([foreign.up, foreign.down].flatMap((section) => section?.source.path ?? []))],
      state,
      transaction,
      run: foreign.run,
      reversible,
      applied: adoption === undefined ? null : adoption.applied.has(id),
    })),
    adoption:
      adoption === undefined
        ? null
        : {
            target: targetToJson(adoption.target),
            table: adoption.table,
            schema: adoption.settings.schema,
            configuration: adoption.change === undefined ? null : shownPath(adoption.change.path),
            recorded: [...recorded],
            unknown: [...adoption.unknown],
          },
    check:
      check === undefined
        ? null
        : {
            engine: check.engine,
            serverVersion: check.serverVersion,
            equal: isEqual(check),
            differences: [...check.differences],
            notChecked: check.notChecked ?? null,
          },
    findings: findingsOf({ plan, adoption }).map(diagnosticToJson),
  }
}

/** Everything that there is to say about an import. */
export function findingsOf({
  plan,
  adoption,
}: Pick<ImportOutcome, 'plan' | 'adoption'>): readonly Diagnostic[] {
  return [...plan.findings, ...(adoption?.findings ?? [])]
}

/** The code of `import --check`: equal, different, or not known. */
export function importExitCode({ check }: ImportOutcome): ExitCode {
  if (check === undefined || isEqual(check)) return EXIT.ok
  return check.notChecked === undefined ? EXIT.findings : EXIT.notChecked
}

/** Whether it was proved that the schemas are equal. */
export function isEqual({ differences, notChecked }: ImportCheck): boolean {
  return differences.length === 0 && notChecked === undefined
}
