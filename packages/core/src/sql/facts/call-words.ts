/** Words before `(` that are no call: SQL's own syntax, and types with a modifier. */
export const NOT_CALLS: ReadonlySet<string> = new Set(
  `values in and or not as over filter within group any all some exists using key unique primary default check select
  where then else when by on having from union except intersect array row distinct only lateral like ilike similar
  between is case set sets returning with identity conflict grouping rollup cube materialized stored include exclude to
  limit offset end for of partition range list hash btree gist gin brin spgist join cast extract position substring
  overlay trim coalesce nullif greatest least normalize xmlelement xmlforest varchar char character nchar national
  numeric decimal dec bit varying timestamp timestamptz time timetz interval float precision bpchar column attribute
  constraint add symmetric asymmetric new old`.split(/\s+/),
)

/** Built-ins that leave nothing behind in a session. */
export const HARMLESS_CALLS: ReadonlySet<string> = new Set(
  `now clock_timestamp statement_timestamp transaction_timestamp timeofday gen_random_uuid random md5 sha256 count sum
  min max avg bool_and bool_or every array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg row_number
  rank dense_rank ntile lag lead first_value last_value nth_value percentile_cont percentile_disc lower upper initcap
  length char_length octet_length btrim ltrim rtrim lpad rpad left right concat concat_ws replace translate reverse
  repeat split_part starts_with strpos format regexp_replace regexp_match regexp_matches regexp_split_to_table
  regexp_split_to_array string_to_array array_to_string array_append array_prepend array_cat array_remove array_length
  array_position cardinality unnest generate_series abs ceil ceiling floor round trunc mod power sqrt sign to_char
  to_date to_number to_timestamp date_trunc date_part date_bin age make_date make_time make_timestamp make_timestamptz
  make_interval justify_days justify_hours timezone to_json to_jsonb json_build_object jsonb_build_object
  json_build_array jsonb_build_array jsonb_set jsonb_insert jsonb_strip_nulls json_array_elements jsonb_array_elements
  json_array_elements_text jsonb_array_elements_text jsonb_array_length jsonb_each jsonb_each_text jsonb_object_keys
  jsonb_typeof json_typeof jsonb_pretty jsonb_extract_path jsonb_extract_path_text row_to_json encode decode ascii chr
  quote_ident quote_literal quote_nullable current_setting current_schema current_schemas current_database version
  pg_typeof to_regclass to_tsvector to_tsquery plainto_tsquery setweight int4range int8range numrange tsrange tstzrange
  daterange host network pg_sleep pg_notify txid_current pg_current_xact_id pg_backend_pid`.split(/\s+/),
)
