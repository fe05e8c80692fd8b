export { refuseUnknownKeys } from '@tidemark/core'
export type { Gate } from './gate.ts'
export { createGate } from './gate.ts'
export type { AllowRule, GateRequest } from './http/allow.ts'
export type { Guard } from './http/guard.ts'
export type { GateResponse } from './http/respond.ts'
export { PROBLEM_TYPE, UNKNOWN_TARGET_TYPE } from './http/respond.ts'
export type { ManifestFormat } from './manifest/format-manifest.ts'
export { formatManifest } from './manifest/format-manifest.ts'
export type { Manifest, ManifestEntry } from './manifest/manifest.ts'
export {
  createManifest,
  digestManifest,
  MANIFEST_VERSION,
  ManifestEntrySchema,
  ManifestSchema,
} from './manifest/manifest.ts'
export type { ManifestDocument } from './manifest/read-manifest.ts'
export { readManifest } from './manifest/read-manifest.ts'
export type { GateListener, GateLog, GateOptions } from './options.ts'
export type { RequestGate } from './request-gate.ts'
export { requireGate, requireGuard } from './require-guard.ts'
export type { GateEvent } from './status/gate-event.ts'
export type { GateStatus } from './status/gate-status.ts'
export type { GateDatabase } from './status/query-status.ts'
export type { GateTarget, TargetOf } from './targets/gate-target.ts'
export type { TargetGate } from './targets/target-gate.ts'
export type { TargetGateOptions } from './targets/target-options.ts'
