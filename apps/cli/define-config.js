/**
 * Gives a configuration back as it is. Its types are in define-config.d.ts, which a test compares with the
 * schema.
 *
 * @param {import('./define-config.d.ts').TidemarkConfigExport} config
 */
export function defineConfig(config) {
  return config
}
