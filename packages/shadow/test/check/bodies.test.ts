import { expect, test } from 'vitest'
import { checkMigrations } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { chain } from '../support/migrations.ts'

const server = useServer()

/**
 * In the place of the extension, which npm does not have: its function, with the arguments and columns of version 2. It
 * says what it was asked for.
 */
const CHECKER = `CREATE SCHEMA tools;
CREATE FUNCTION tools.plpgsql_check_function_tb(funcoid regprocedure, relid regclass DEFAULT 0,
  fatal_errors boolean DEFAULT true, other_warnings boolean DEFAULT true, performance_warnings boolean DEFAULT false,
  extra_warnings boolean DEFAULT true, security_warnings boolean DEFAULT false, oldtable name DEFAULT NULL,
  newtable name DEFAULT NULL, anyelementtype regtype DEFAULT 'int', OUT functionid regproc, OUT lineno int,
  OUT statement text, OUT sqlstate text, OUT message text, OUT detail text, OUT hint text, OUT level text,
  OUT "position" int, OUT query text, OUT context text) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  IF funcoid::text LIKE '%refused%' THEN RAISE EXCEPTION 'cannot be looked at'; END IF;
  IF funcoid::text LIKE '%right%' THEN
    message := 'unused variable'; level := 'warning'; RETURN NEXT; RETURN;
  END IF;
  message := format('column "x" of %s does not exist', relid); level := 'error'; RETURN NEXT;
  message := 'and another one'; RETURN NEXT;
END $$;
CREATE FUNCTION tools.plpgsql_check_function_tb(name text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE orders (id bigint PRIMARY KEY);`

const FUNCTIONS = `CREATE FUNCTION wrong(a int, b text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT x FROM orders); END $$;
CREATE FUNCTION "Stamp"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION "Stamp"();
CREATE FUNCTION right_one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT 1 FROM gone); END $$;
CREATE FUNCTION refused_one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT 1 FROM gone); END $$;
CREATE FUNCTION unused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;`

test.each([server, pglite])('plpgsql_check looks at bodies where it is there, on $name', async ({ open }) => {
  const migrations = chain({ '001_checker': CHECKER, '002_functions': FUNCTIONS })
  const { findings } = await checkMigrations({ migrations, ids: ['002_functions'], parts: ['lint'], open })
  const found = findings.filter(({ rule }) => rule === 'function-unresolved')
  expect(found.map(({ message, details, statement }) => [statement?.place, message, details])).toEqual([
    [1, 'public."Stamp"() fails when it runs: column "x" of orders does not exist', ['and another one']],
    [4, 'public.refused_one() fails when it runs: gone is not there', []],
    [
      0,
      'public.wrong(integer, text) fails when it runs: column "x" of - does not exist',
      ['and another one'],
    ],
  ])
})
