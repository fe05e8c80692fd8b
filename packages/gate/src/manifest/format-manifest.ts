import type { Manifest } from './manifest.ts'

/** How a manifest is written: a JSON document, or a TypeScript module that exports `manifest`. */
export type ManifestFormat = 'json' | 'ts'

/**
 * Writes a manifest as text that ends in a line feed: one migration a line, so that a diff shows what was
 * added.
 *
 * @example await writeFile('schema.json', formatManifest(manifest, 'json'))
 */
export function formatManifest(manifest: Manifest, format: ManifestFormat): string {
  return format === 'json' ? `${formatJson(manifest)}\n` : formatModule(manifest)
}

function formatModule(manifest: Manifest): string {
  return [
    '// Written by `tidemark manifest`: write it again after every change of the migrations.',
    'import type { Manifest } from "@tidemark/gate"',
    '',
    `export const manifest: Manifest = ${formatJson(manifest)}`,
    '',
  ].join('\n')
}

function formatJson({ formatVersion, digest, environment, migrations }: Manifest): string {
  const lines = migrations.map((entry) => `    ${JSON.stringify(entry)}`)
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`
  const named = environment === undefined ? '' : `  "environment": ${JSON.stringify(environment)},\n`
  return `{\n  "formatVersion": ${formatVersion},\n  "digest": "${digest}",\n${named}  "migrations": ${list}\n}`
}
