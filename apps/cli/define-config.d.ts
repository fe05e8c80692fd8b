export type {
  Duration,
  FleetTarget,
  HookContext,
  HookPlan,
  HookRun,
  HookStep,
  TidemarkConfig,
  TidemarkConfigExport,
  TidemarkFleet,
  TidemarkHooks,
  TidemarkSettings,
} from './define-config.cjs'
export { defineConfig } from './define-config.cjs'
