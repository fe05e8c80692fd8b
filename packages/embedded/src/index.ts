export type { EmbeddedRunnerOptions } from './create-embedded-migration-runner.ts'
export { createEmbeddedMigrationRunner } from './create-embedded-migration-runner.ts'
export type { EmbeddedDatabase, EmbeddedDatabaseOptions } from './embedded-database.ts'
export { createEmbeddedDatabase } from './embedded-database.ts'
export type {
  EmbeddedEngine,
  EmbeddedEngineOptions,
  EmbeddedProfile,
  EngineConnectOptions,
} from './embedded-engine.ts'
export { openEmbeddedEngine } from './embedded-engine.ts'
export type { EmbeddedLocation } from './embedded-url.ts'
export { parseEmbeddedUrl } from './embedded-url.ts'
export { availableExtensions, findCreatedExtensions } from './extension-archives.ts'
export { supabaseProfileSql } from './supabase-profile.ts'
