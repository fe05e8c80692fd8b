import { facets, named, objects, type QueryPart } from './part.ts'

const RULES = `FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'`
const RULE_ID = "r.id || ' ' || quote_ident(w.rulename)"
const POLICIES = 'FROM pg_policy p JOIN relation r ON r.oid = p.polrelid'
const POLICY_ID = "r.id || ' ' || quote_ident(p.polname)"
const STATISTICS =
  'FROM pg_statistic_ext s JOIN namespace n ON n.oid = s.stxnamespace JOIN relation r ON r.oid = s.stxrelid'
const STATISTICS_ID = "format('%I.%I', n.nspname, s.stxname)"
/** Not those that carry out a constraint. Before 15 the copies that partitions have are internal too. */
const TRIGGERS = `FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid
  WHERE (NOT t.tgisinternal OR t.tgparentid <> 0)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = t.tgconstraint AND k.contype <> 't')`
const TRIGGER_ID = "r.id || ' ' || quote_ident(t.tgname)"
const STATE = (column: string) =>
  `CASE ${column} WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END`

/** Triggers, rules, policies and extended statistics of relations. */
export function tableParts(): QueryPart {
  return {
    objects: [
      objects({ class: 'pg_trigger', oid: 't.oid', kind: "'trigger'", id: TRIGGER_ID, from: TRIGGERS }),
      objects({ class: 'pg_rewrite', oid: 'w.oid', kind: "'rule'", id: RULE_ID, from: RULES }),
      objects({ class: 'pg_policy', oid: 'p.oid', kind: "'policy'", id: POLICY_ID, from: POLICIES }),
      objects({
        class: 'pg_statistic_ext',
        oid: 's.oid',
        kind: "'statistics'",
        id: STATISTICS_ID,
        owner: 's.stxowner',
        from: STATISTICS,
      }),
    ],
    facets: [
      facets(
        {
          definition: 'pg_get_triggerdef(t.oid)',
          state: STATE('t.tgenabled'),
          'attached to': `(SELECT p.tgrelid::regclass || ' ' || quote_ident(p.tgname) FROM pg_trigger p WHERE p.oid = t.tgparentid)`,
        },
        named('t', { kind: "'trigger'", id: TRIGGER_ID, from: TRIGGERS }),
      ),
      facets(
        { definition: 'pg_get_ruledef(w.oid)', state: STATE('w.ev_enabled') },
        named('w', { kind: "'rule'", id: RULE_ID, from: RULES }),
      ),
      facets(
        {
          command: `CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END`,
          permissive: "CASE WHEN NOT p.polpermissive THEN 'restrictive' END",
          roles: `(SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', '
            ORDER BY CASE role WHEN 0 THEN '' ELSE pg_get_userbyid(role)::text END COLLATE "C") FROM unnest(p.polroles) role)`,
          using: 'pg_get_expr(p.polqual, p.polrelid)',
          'with check': 'pg_get_expr(p.polwithcheck, p.polrelid)',
        },
        named('p', { kind: "'policy'", id: POLICY_ID, from: POLICIES }),
      ),
      facets(
        {
          table: 's.stxrelid::regclass',
          definition: 'pg_get_statisticsobjdef(s.oid)',
          'statistics target': 'CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END',
        },
        named('s', { kind: "'statistics'", id: STATISTICS_ID, from: STATISTICS }),
      ),
    ],
  }
}
