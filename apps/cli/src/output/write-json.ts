import { writeRedacted } from '../redact/guard-output.ts'
import { redactDocument } from '../redact/redact-document.ts'
import type { Redactor } from '../redact/redactor.ts'
import { addTargetFlags } from '../text/target-flags.ts'

/** How {@link writeJson} writes. */
export interface JsonOutput {
  /** The target flags that suggested commands repeat, as in the text for people. */
  readonly targetFlags: string
  readonly redactor: Redactor
}

/** Writes the one document of `--json` on stdout. */
export function writeJson(document: unknown, { targetFlags, redactor }: JsonOutput): void {
  const text = redactDocument(withTargetFlags(document, targetFlags), redactor, 2)
  writeRedacted(process.stdout, `${text}\n`)
}

/** The fields of a document that tell what to do next; all others, such as SQL, stay as they are. */
const ADVICE: ReadonlySet<string> = new Set(['help', 'databaseState'])

function withTargetFlags(document: unknown, flags: string): unknown {
  if (flags === '') return document
  if (Array.isArray(document)) return document.map((item) => withTargetFlags(item, flags))
  if (typeof document !== 'object' || document === null) return document
  const fields = Object.entries(document).map(([name, value]) => [
    name,
    ADVICE.has(name) && typeof value === 'string'
      ? addTargetFlags(value, flags)
      : withTargetFlags(value, flags),
  ])
  return Object.fromEntries(fields)
}
