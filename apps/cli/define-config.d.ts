export type { Duration, TidemarkConfig, TidemarkConfigExport, TidemarkSettings } from './define-config.cjs'
export { defineConfig } from './define-config.cjs'
