import { ReportDocumentSchema } from '@tidemark/report'
import * as z from 'zod'
import { CheckSchema } from './check-schemas.ts'
import { DevSchema } from './dev-schemas.ts'
import { GraphSchema, ShowSchema, WrittenSchema } from './file-schemas.ts'
import {
  FleetEventSchema,
  FleetHistorySchema,
  FleetPlanSchema,
  FleetQueuedSchema,
  FleetRolloutSchema,
  FleetStatusSchema,
  FleetWorkEventSchema,
} from './fleet-schemas.ts'
import { ManifestOutcomeSchema, SquashSchema, WaitSchema } from './gate-schemas.ts'
import { BranchesSchema, MergeSchema, RestoreSchema, VerifySchema } from './operation-schemas.ts'
import { RehearsalSchema } from './rehearsal-schemas.ts'
import { HistorySchema, PlanSchema, RunSchema, StatusSchema } from './run-schemas.ts'
import { ErrorSchema, ValidateSchema } from './schemas.ts'
import { CompletionSchema, DoctorSchema, ImportSchema, StudioSchema } from './setup-schemas.ts'
import { BaselineDraftSchema, DriftSchema, ShadowServedSchema, SnapshotSchema } from './shadow-schemas.ts'

/** The documents of `--json`, by the name of the file in `apps/cli/schemas`. */
const DOCUMENTS: Readonly<Record<string, z.ZodType>> = {
  'baseline-draft': BaselineDraftSchema,
  branches: BranchesSchema,
  check: CheckSchema,
  error: ErrorSchema,
  completion: CompletionSchema,
  dev: DevSchema,
  doctor: DoctorSchema,
  drift: DriftSchema,
  'fleet-event': FleetEventSchema,
  'fleet-history': FleetHistorySchema,
  'fleet-plan': FleetPlanSchema,
  'fleet-queued': FleetQueuedSchema,
  'fleet-rollout': FleetRolloutSchema,
  'fleet-status': FleetStatusSchema,
  'fleet-work-event': FleetWorkEventSchema,
  graph: GraphSchema,
  history: HistorySchema,
  import: ImportSchema,
  manifest: ManifestOutcomeSchema,
  merge: MergeSchema,
  plan: PlanSchema,
  rehearsal: RehearsalSchema,
  report: ReportDocumentSchema,
  restore: RestoreSchema,
  run: RunSchema,
  'shadow-served': ShadowServedSchema,
  show: ShowSchema,
  snapshot: SnapshotSchema,
  squash: SquashSchema,
  status: StatusSchema,
  studio: StudioSchema,
  validate: ValidateSchema,
  verify: VerifySchema,
  wait: WaitSchema,
  written: WrittenSchema,
}

/** Writes each schema as the text of its committed file. */
export function jsonSchemaTexts(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(DOCUMENTS).map(([name, schema]) => [
      `${name}.json`,
      `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`,
    ]),
  )
}
