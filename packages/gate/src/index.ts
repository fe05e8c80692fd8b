export type { AllowRule, GateRequest } from './allow.ts'
export type { GateDatabase } from './ask.ts'
export type { ManifestFormat } from './format-manifest.ts'
export { formatManifest } from './format-manifest.ts'
export type { Gate } from './gate.ts'
export { createGate } from './gate.ts'
export type { Guard } from './guard.ts'
export type { Manifest, ManifestEntry } from './manifest.ts'
export {
  createManifest,
  digestManifest,
  MANIFEST_VERSION,
  ManifestEntrySchema,
  ManifestSchema,
} from './manifest.ts'
export type { GateListener, GateOptions, ManifestDocument } from './options.ts'
export { refuseUnknownKeys } from './options.ts'
export { readManifest } from './read-manifest.ts'
export { requireGate, requireGuard } from './require-guard.ts'
export type { GateResponse } from './respond.ts'
export { PROBLEM_TYPE } from './respond.ts'
export type { GateEvent, GateStatus } from './status.ts'
