import { createEngine } from './create-engine.ts'
import type { ShadowOptions } from './shadow-options.ts'

/**
 * Names what decides what a shadow holds besides its migrations: the engine, its version, the profile, the role
 * on a server. No database is started.
 *
 * @throws TidemarkError TM5001 when a server cannot be reached, TM5050 when it is refused.
 */
export async function identifyShadow(options: ShadowOptions = {}): Promise<string> {
  const engine = await createEngine(options)
  await engine.close()
  return engine.identity
}
