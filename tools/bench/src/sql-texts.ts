/** A text to scan, made up in memory. */
export interface BenchText {
  readonly name: string
  readonly text: string
}

const TABLE = `
--
-- Name: orders_N; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.orders_N (
    id bigint NOT NULL,
    customer_id bigint NOT NULL,
    state character varying(32) DEFAULT 'open'::character varying NOT NULL,
    total numeric(12,2) DEFAULT 0.00,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT orders_N_total_check CHECK ((total >= (0)::numeric))
);

ALTER TABLE public.orders_N OWNER TO app;

CREATE FUNCTION public.touch_orders_N() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  -- the state of an order can't go back
  if new.state = 'open' and old.state <> 'open' then
    raise exception 'order % is closed', new.id;
  end if;
  new.updated_at := now();
  return new;
end;
$$;
`

const ROW =
  "100234\\t4711\\tshipped\\t129.90\\t2024-03-01 12:34:56.789+00\\tIt's a gift; please wrap -- thanks\\n"

/** What pg_dump writes: tables with comments, functions, and data in COPY. */
export function dumpLike(sizeBytes: number): BenchText {
  const row = ROW.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
  const parts: string[] = []
  for (let made = 0, number = 1; made < sizeBytes; number += 1) {
    const name = `orders_${number}`
    const data = `COPY public.${name} (id, customer_id, state, total, created_at, note) FROM stdin;\n${row.repeat(40)}\\.\n`
    const part = TABLE.replaceAll('orders_N', name) + data
    parts.push(part)
    made += part.length
  }
  return { name: 'pg_dump-like', text: flat(parts) }
}

/** What pg_dump writes with --schema-only: no data at all. */
export function schemaLike(sizeBytes: number): BenchText {
  const parts: string[] = []
  for (let made = 0, number = 1; made < sizeBytes; number += 1) {
    parts.push(TABLE.replaceAll('orders_N', `orders_${number}`))
    made += TABLE.length
  }
  return { name: 'pg_dump-like, schema only', text: flat(parts) }
}

/** What pg_dump writes with --inserts: a statement a row. */
export function insertLike(sizeBytes: number): BenchText {
  const parts: string[] = []
  for (let made = 0, number = 1; made < sizeBytes; number += 1) {
    const part = `INSERT INTO public.orders VALUES (${number}, 4711, 'shipped', 129.90, '2024-03-01 12:34:56.789+00', 'It''s a gift; please wrap', NULL);\n`
    parts.push(part)
    made += part.length
  }
  return { name: 'INSERT a row', text: flat(parts) }
}

/** Tokens of one to four characters, without a long one anywhere. */
export function tokenDense(sizeBytes: number): BenchText {
  const line =
    'select a.b,c+1,(d*2)-\'x\',f(1,2),"q"from t where a>=1 and b<>$1 or c=any(array[1,2,3])and d is null;\n'
  return { name: 'token-dense', text: flat([line.repeat(Math.ceil(sizeBytes / line.length))]) }
}

/** Makes one flat string: text that comes from a file is never a rope. */
function flat(parts: readonly string[]): string {
  return Buffer.from(parts.join('')).toString('latin1')
}
