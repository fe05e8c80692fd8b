/**
 * Gives a configuration back as it is. Its types are in define-config.d.cts, which a test compares with the
 * schema.
 *
 * @param {import('./define-config.d.cts').TidemarkConfigExport} config
 */
export function defineConfig(config) {
  return config
}
