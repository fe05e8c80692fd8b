import { type Diagnostic, maskSecrets, type SourceFile } from '@tidemark/core'

const hidden = new WeakMap<SourceFile, SourceFile>()

/**
 * Gives a diagnostic whose frames show no line of its file that holds a password. Positions stay as they are.
 */
export function hideInDiagnostic(diagnostic: Diagnostic): Diagnostic {
  const { source, related = [] } = diagnostic
  if (source === undefined) return diagnostic
  const others = related.map((other) => ({ ...other, source: hideInFile(other.source) }))
  return { ...diagnostic, source: hideInFile(source), ...(others.length === 0 ? {} : { related: others }) }
}

/**
 * Gives a file in which a line that holds a part of a secret is stars, as long as before. Many diagnostics may
 * be of one file.
 */
export function hideInFile(source: SourceFile): SourceFile {
  const known = hidden.get(source)
  if (known !== undefined) return known
  const masked = maskSecrets(source.text)
  const shown = masked === source.text ? source : { ...source, text: starred(source.text, masked) }
  hidden.set(source, shown)
  return shown
}

function starred(text: string, masked: string): string {
  const lines = masked.split('\n')
  return text
    .split('\n')
    .map((line, index) => (line === lines[index] ? line : line.replace(/\S/g, '*')))
    .join('\n')
}
