import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import type { ManifestOutcome } from './write-manifest.ts'

/** Writes what became of a manifest's file; without a file, the manifest itself. */
export function presentManifest({ manifest, out, state, text }: ManifestOutcome, paint: Paint): string {
  if (state === 'printed') return text
  const what = count(manifest.migrations.length, 'migration')
  return `${paint.green('✓')} ${out}  ${what}${state === 'unchanged' ? ', up to date' : ''}`
}
