export type {
  Duration,
  HookContext,
  HookPlan,
  HookRun,
  HookStep,
  TidemarkConfig,
  TidemarkConfigExport,
  TidemarkHooks,
  TidemarkSettings,
} from './define-config.cjs'
export { defineConfig } from './define-config.cjs'
