import { addTargetFlags } from '../present/target-flags.ts'

/** Writes the one document of `--json` on stdout; suggested commands repeat the target flags, as in the text for people. */
export function writeJson(document: unknown, flags: string): void {
  process.stdout.write(`${JSON.stringify(withTargetFlags(document, flags), null, 2)}\n`)
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
