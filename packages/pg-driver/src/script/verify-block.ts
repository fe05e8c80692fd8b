import { dollarQuote } from '../statement/dollar-quote.ts'

/** SQLSTATEs that a verify block raises itself, so that its outcome is known without a result set. */
export const VERIFY_STATE = { notTrue: 'TMV01', noRow: 'TMV02', notBoolean: 'TMV03', undo: 'TMV99' } as const

/** What precedes a query inside its block: positions inside the internal query are counted after it. */
export const VERIFY_PREFIX =
  'SELECT tidemark_rows.tidemark_ok AS ok, pg_catalog.pg_typeof(tidemark_rows.tidemark_ok) AS type, tidemark_rows AS whole FROM (\n'
const VERIFY_SUFFIX = '\n) AS tidemark_rows (tidemark_ok)'

/**
 * The row without its first column, for a reader who looks for it; empty where there is no other. NULLIF would
 * look for its operator in the search_path.
 */
const OTHER_COLUMNS = `COALESCE((SELECT CASE WHEN other_.columns OPERATOR(pg_catalog.<>) '{}' THEN pg_catalog.left(other_.columns, 500) END
          FROM (SELECT (pg_catalog.to_jsonb(row_.whole) OPERATOR(pg_catalog.-) 'tidemark_ok'::pg_catalog.text)::pg_catalog.text AS columns) AS other_), '')`

/**
 * Wraps one query of `@verify` (no `;` at its end) into a `DO` block that fails unless there is a row and
 * every row's first column is true. It runs on the server, since a client behind a pipeline would see the
 * answer too late. The inner block is read-only and on success undoes its own subtransaction by raising a
 * SQLSTATE that it catches. The query finds names in the search_path that is in force; the rest names
 * operators and functions with their schema, so that nothing in that path can take their place.
 *
 * @example verifyBlock('SELECT count(*) = 0 FROM t') // 'DO $tidemark_verify$…$tidemark_verify$'
 */
export function verifyBlock(query: string): string {
  return readOnlyBlock(
    `FOR row_ IN EXECUTE ${dollarQuote(`${VERIFY_PREFIX}${query}${VERIFY_SUFFIX}`, 'tidemark_query')} LOOP
      rows_ := rows_ OPERATOR(pg_catalog.+) 1;
      ok_ := row_.ok;
      type_ := row_.type;
      IF type_ OPERATOR(pg_catalog.<>) 'boolean' THEN
        RAISE EXCEPTION USING ERRCODE = '${VERIFY_STATE.notBoolean}',
          MESSAGE = pg_catalog.concat('the first column is ', type_, ', not boolean');
      ELSIF (ok_ OPERATOR(pg_catalog.=) 'true') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = '${VERIFY_STATE.notTrue}',
          MESSAGE = pg_catalog.concat('row ', rows_, ' is ', COALESCE(ok_, 'null'), ', not true'),
          DETAIL = ${OTHER_COLUMNS};
      END IF;
    END LOOP;
    IF rows_ OPERATOR(pg_catalog.=) 0 THEN
      RAISE EXCEPTION USING ERRCODE = '${VERIFY_STATE.noRow}', MESSAGE = 'the query gives no row';
    END IF;`,
  )
}

/**
 * Wraps a `DO` statement of `@verify`: it holds when it raises nothing; what it does is undone, and it cannot
 * write.
 */
export function verifyDoBlock(statement: string): string {
  return readOnlyBlock(`EXECUTE ${dollarQuote(statement, 'tidemark_query')};`)
}

function readOnlyBlock(check: string): string {
  const body = `DECLARE
  row_ record; ok_ pg_catalog.text; type_ pg_catalog.text; rows_ pg_catalog.int8 := 0; held_ pg_catalog.bool := false;
BEGIN
  BEGIN
    PERFORM pg_catalog.set_config('transaction_read_only', 'on', true);
    ${check}
    held_ := true;
    RAISE EXCEPTION USING ERRCODE = '${VERIFY_STATE.undo}';
  EXCEPTION WHEN SQLSTATE '${VERIFY_STATE.undo}' THEN
    IF NOT held_ THEN RAISE; END IF;
  END;
END`
  return `DO ${dollarQuote(body, 'tidemark_verify')}`
}
