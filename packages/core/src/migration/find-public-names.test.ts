import { expect, test } from 'vitest'
import { findPublicNames } from './find-public-names.ts'
import { parseMigration } from './parse-migration.ts'

function named(up: string, rest = ''): readonly string[] {
  const parsed = parseMigration({ path: 'migrations/001_a.sql', text: `-- @up\n${up}\n${rest}` })
  if (!parsed.ok) throw new TypeError('not a migration')
  return findPublicNames(parsed.value.migration).map(({ source, span }) =>
    span === undefined ? '' : (source?.text.slice(span.start, span.end) ?? ''),
  )
}

test.each([
  ['SELECT * FROM public.users;', ['public.users']],
  ['SELECT * FROM PUBLIC . "Users";', ['PUBLIC . "Users"']],
  ['SELECT * FROM "public"."a", public.a, public.a;', ['"public"."a"', 'public.a']],
  ['SELECT * FROM shop.public.a;', []],
  ['SELECT x.public FROM x; SELECT x.public.y FROM x;', []],
  ['GRANT SELECT ON a TO public;', []],
  ['SELECT * FROM "PUBLIC".a, publics.a;', []],
  ["SELECT 'public.a'; -- public.b\nSELECT 1 /* public.c */;", []],
  ['SELECT public /* c */ . /* d */ a;', ['public /* c */ . /* d */ a']],
  ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$ SELECT n FROM public.a $x$;', ['public.a']],
  ['DO $$ BEGIN EXECUTE $q$ DROP TABLE public.b $q$; END $$;', ['public.b']],
  ['SELECT $$$$;', []],
  ['COPY a FROM stdin;\npublic.a\n\\.', []],
])('%j has %j', (up, expected) => {
  expect(named(up)).toEqual(expected)
})

test('@down and @verify count too', () => {
  expect(
    named('SELECT 1;', '-- @verify\nSELECT true FROM public.v;\n-- @down\nDROP TABLE public.d;\n'),
  ).toEqual(['public.d', 'public.v'])
})
