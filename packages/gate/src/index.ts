export type { GateDatabase } from './check/query-status.ts'
export type { GateEvent, GateStatus } from './check/status.ts'
export type { Gate } from './gate.ts'
export { createGate } from './gate.ts'
export type { AllowRule, GateRequest } from './http/allow.ts'
export type { Guard } from './http/guard.ts'
export { requireGate, requireGuard } from './http/require-guard.ts'
export type { GateResponse } from './http/respond.ts'
export { PROBLEM_TYPE } from './http/respond.ts'
export type { GateListener, GateOptions, ManifestDocument } from './options.ts'
export { refuseUnknownKeys } from './options.ts'
export type { ManifestFormat } from './required/format-manifest.ts'
export { formatManifest } from './required/format-manifest.ts'
export type { Manifest, ManifestEntry } from './required/manifest.ts'
export {
  createManifest,
  digestManifest,
  MANIFEST_VERSION,
  ManifestEntrySchema,
  ManifestSchema,
} from './required/manifest.ts'
export { readManifest } from './required/read-manifest.ts'
