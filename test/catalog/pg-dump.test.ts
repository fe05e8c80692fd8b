import { expect, test } from 'vitest'
import { normalizeDump } from './pg-dump.ts'

const VIEW = `SELECT
    t.id
   FROM public.t
  GROUP BY t.id;`

test('a view is the same whether pg_dump writes it at once or puts a placeholder before it', () => {
  const atOnce = `-- Name: v; Type: VIEW; Schema: public; Owner: app

CREATE VIEW public.v AS
 ${VIEW}

ALTER VIEW public.v OWNER TO app;
`
  const inTwoSteps = `-- Name: v; Type: VIEW; Schema: public; Owner: app

CREATE VIEW public.v AS
SELECT
    NULL::bigint AS id,
    NULL::text AS name;

ALTER VIEW public.v OWNER TO app;

-- Name: v _RETURN; Type: RULE; Schema: public; Owner: app

CREATE OR REPLACE VIEW public.v AS
 ${VIEW}
`
  expect(normalizeDump(inTwoSteps)).toBe(normalizeDump(atOnce))
  expect(normalizeDump(inTwoSteps.replace('GROUP BY t.id', 'GROUP BY t.id, t.a'))).not.toBe(
    normalizeDump(atOnce),
  )
})
