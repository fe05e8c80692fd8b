import type { Disagreement } from './compare-with-dump.ts'

/** Where the dump and the catalog may disagree, and why. */
interface Exception {
  readonly reason: string
  readonly kind: Disagreement['kind']
  /** Every line of what is shown is like this. */
  readonly shown: RegExp
}

const EXCEPTIONS: readonly Exception[] = [
  {
    reason: 'pg_dump leaves out an index of a partition that is not attached and not valid',
    kind: 'only the catalog differs',
    shown: /^index \S+ (?:was added|is missing)$|^index \S+: (?:attached to|validity) is /,
  },
  {
    reason: 'pg_dump does not write whether an index, a constraint or a subscription is in force',
    kind: 'only the catalog differs',
    shown: /^index \S+: validity is |: foreign key triggers are |^subscription \S+: state is /,
  },
  {
    reason: 'before 18 pg_dump leaves NOT NULL to the parent of an inherited column',
    kind: 'only the catalog differs',
    shown: /^column \S+: not null is /,
  },
]

/** The reason why a disagreement is none, or undefined. */
export function excuse({ kind, shown }: Disagreement): string | undefined {
  return EXCEPTIONS.find(
    (exception) => exception.kind === kind && shown.every((line) => exception.shown.test(line)),
  )?.reason
}

/** Statements that a test leaves out: they need the data of another program, or another database. */
export function isLeftOut(statement: string): boolean {
  return (
    /^\s*copy\s[\s\S]*\b(?:stdin|stdout)\b/i.test(statement) ||
    /^\s*(?:create|drop|alter)\s+(?:database|tablespace)\b/i.test(statement) ||
    /\bpg_sleep\b/i.test(statement)
  )
}
