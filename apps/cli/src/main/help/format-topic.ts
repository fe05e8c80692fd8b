/** `tidemark help format`. */
export const FORMAT_TOPIC = `A migration is one .sql file. Everything else is in comments.

  -- Migration: 002_create_orders
  -- Description: Orders of a customer
  -- Type: create_table
  -- Depends on: [001_create_customers]

  -- @up
  CREATE TABLE orders (id bigint PRIMARY KEY);

  -- @down
  DROP TABLE orders;

  -- @verify
  SELECT to_regclass('orders') IS NOT NULL;

HEADER (comment lines before the first marker; any order, any case)
  Migration          the file's name without .sql            (the file's name)
  Description        one line of text                        (the id in words)
  Type               create_table alter_table drop_table create_index drop_index insert_data update_data delete_data custom_sql (custom_sql)
  Depends on         [a, b]: applied before this one         ([])
  Transaction        required, or none                       (required)
  Run                once, or on_change: again when changed  (once)
  Lock timeout       5s, 500ms, 2min, 0                      (as configured)
  Statement timeout  likewise                                (as configured)
  Role               SET ROLE for this file                  (the connection's)
  Blocking           false: no readiness gate waits for it   (true)
  Replaces           [a, b]: this file is their squash       ([])
  Tags               [a, b]: for --tag                       ([])
  Environments       [a, b]: applied only with --env a or b  (all)
  Variables          [a, b secret]: :'a' and :"a" are values (none)

SECTIONS (each on a line of its own, outside strings and comments)
  -- @up      what is applied; required
  -- @down    what rolls it back; without it the migration is irreversible
  -- @verify  queries whose first column must be true, after @up and whenever "tidemark verify" runs; they cannot write

Each migration runs in one transaction, with its record. Statements that cannot run in a transaction (CREATE INDEX CONCURRENTLY, VACUUM, …) need "Transaction: none".
`
