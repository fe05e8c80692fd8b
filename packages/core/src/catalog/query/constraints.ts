import { facets, isOwn, named, objects, type QueryPart } from './part.ts'

const CONSTRAINT_ID = "r.id || ' ' || quote_ident(k.conname)"
/** NOT NULL is with the columns. A foreign key's copies in partitions follow it. */
const DEFINED = `FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
  WHERE k.contype IN ('c', 'p', 'u', 'x') OR k.contype = 'f' AND k.conparentid = 0`
const DOMAIN_ID = "k.contypid::regtype || ' ' || quote_ident(k.conname)"
const IN_DOMAIN = `FROM pg_constraint k JOIN namespace n ON n.oid = k.connamespace
  WHERE k.contypid <> 0 AND k.contype = 'c' AND ${isOwn('pg_type', 'k.contypid')}`

/** Constraints of tables and domains. */
export function constraints(): QueryPart {
  return {
    objects: [
      objects({
        class: 'pg_constraint',
        oid: 'k.oid',
        kind: "'constraint'",
        id: CONSTRAINT_ID,
        from: 'FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid',
      }),
      objects({
        class: 'pg_constraint',
        oid: 'k.oid',
        kind: "'domain constraint'",
        id: DOMAIN_ID,
        from: IN_DOMAIN,
      }),
    ],
    facets: [
      facets(
        {
          definition: 'pg_get_constraintdef(k.oid)',
          inherited: "CASE WHEN NOT k.conislocal THEN 'yes' END",
          'attached to': `(SELECT p.conrelid::regclass || ' ' || quote_ident(p.conname)
            FROM pg_constraint p WHERE p.oid = k.conparentid)`,
          'foreign key triggers': `(SELECT CASE WHEN bool_and(t.tgenabled = 'D') THEN 'disabled' ELSE 'not all enabled' END
            FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgisinternal HAVING bool_or(t.tgenabled <> 'O'))`,
        },
        named('k', { kind: "'constraint'", id: CONSTRAINT_ID, from: DEFINED }),
      ),
      facets(
        { definition: 'pg_get_constraintdef(k.oid)' },
        named('k', { kind: "'domain constraint'", id: DOMAIN_ID, from: IN_DOMAIN }),
      ),
    ],
  }
}
