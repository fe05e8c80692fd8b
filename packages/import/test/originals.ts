import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FormatName } from '../src/formats.ts'

const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url))

/** A project of another tool among the fixtures, and its files in the order in which that tool runs them. */
export interface Original {
  readonly format: FormatName
  /** The folder of its migrations. */
  readonly folder: string
  readonly files: readonly string[]
  /** Cuts what applies a file out of it, by the plainest means. */
  readonly up: (text: string) => string
}

const whole = (text: string): string => text

/** One project for each format. */
export const ORIGINALS: readonly Original[] = [
  {
    format: 'supabase',
    folder: 'supabase/migrations',
    files: [
      'supabase/migrations/20240101000000_profiles.sql',
      'supabase/migrations/20240102000000_orders.sql',
      'supabase/migrations/20240103000000_orders_index.sql',
      'supabase/migrations/20240104000000_mixed.sql',
      'supabase/migrations/20240105000000_remote_commit.sql',
    ],
    up: whole,
  },
  {
    format: 'prisma',
    folder: 'prisma/migrations',
    files: [
      'prisma/migrations/20240101000000_init/migration.sql',
      'prisma/migrations/20240102000000_add_owner/migration.sql',
      'prisma/migrations/20240103000000_name/migration.sql',
    ],
    up: whole,
  },
  {
    format: 'drizzle',
    folder: 'src/db/out',
    files: ['src/db/out/0000_first.sql', 'src/db/out/0001_second.sql'],
    up: (text) => text.replaceAll('--> statement-breakpoint', ';'),
  },
  {
    format: 'dbmate',
    folder: 'db/migrations',
    files: [
      'db/migrations/20240101000000_users.sql',
      'db/migrations/20240102000000_users_index.sql',
      'db/migrations/20240103000000_add posts.sql',
      'db/migrations/20240104000000_no_marker.sql',
    ],
    up: (text) => text.split('-- migrate:down')[0] ?? '',
  },
  {
    format: 'goose',
    folder: 'migrations',
    files: [
      'migrations/00001_users.sql',
      'migrations/00002_function.sql',
      'migrations/9_env.sql',
      'migrations/00010_index.sql',
    ],
    up: (text) => (text.split('-- +goose Down')[0] ?? '').replaceAll('-- +goose StatementEnd', ';'),
  },
  {
    format: 'golang-migrate',
    folder: 'migrations',
    files: ['migrations/1_users.up.sql', 'migrations/2_posts.up.sql', 'migrations/10_posts_index.up.sql'],
    up: whole,
  },
  {
    format: 'flyway',
    folder: 'src/main/resources/db/migration',
    files: [
      'src/main/resources/db/migration/V1__users.sql',
      'src/main/resources/db/migration/V1.2__add_mail.sql',
      'src/main/resources/db/migration/V1_10__users_index.sql',
      'src/main/resources/db/migration/R__a_view.sql',
      'src/main/resources/db/migration/R__b_view.sql',
    ],
    up: whole,
  },
  {
    format: 'diesel',
    folder: 'migrations',
    files: [
      'migrations/00000000000000_diesel_initial_setup/up.sql',
      'migrations/2024-01-01-235959_users/up.sql',
      'migrations/2024-01-02-000001_undo_posts/up.sql',
      'migrations/2024-01-03-000000_users_index/up.sql',
      'migrations/2024-01-04-000000_one_way/up.sql',
    ],
    up: whole,
  },
  {
    format: 'hasura',
    folder: 'hasura/migrations',
    files: [
      'hasura/migrations/default/1700000000000_init/up.sql',
      'hasura/migrations/default/1700000100000_alter_table_public_users_add_column_mail/up.sql',
      'hasura/migrations/default/1700000200000_posts/up.sql',
    ],
    up: whole,
  },
  {
    format: 'liquibase',
    folder: 'db/changelog',
    files: [
      'db/changelog/users.sql',
      'db/changelog/users.sql',
      'db/changelog/users.sql',
      'db/changelog/changes/posts.sql',
      'db/changelog/changes/posts.sql',
    ],
    up: (text) =>
      text
        .replaceAll(/--changeset \S+ (?:dbms:mysql|context:test)\n[\s\S]*?(?=--changeset|$)/g, '')
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .replaceAll(/\$\{people\}/g, 'users')
        .replaceAll('@@', ';'),
  },
  {
    format: 'sql-migrate',
    folder: 'migrations/pg',
    files: [
      'migrations/pg/1_users.sql',
      'migrations/pg/2_posts.sql',
      'migrations/pg/10_posts_index.sql',
      'migrations/pg/later.sql',
    ],
    up: (text) => (text.split('-- +migrate Down')[0] ?? '').replaceAll('-- +migrate StatementEnd', ';'),
  },
  {
    format: 'sqlx',
    folder: 'migrations',
    files: [
      'migrations/9_early.sql',
      'migrations/20240101000000_users.up.sql',
      'migrations/20240102000000_mood.sql',
    ],
    up: (text) => text,
  },
  {
    format: 'sqitch',
    folder: 'db',
    files: [
      'db/deploy/users@v1.0.sql',
      'db/deploy/appnotes.sql',
      'db/deploy/users.sql',
      'db/deploy/grants.sql',
    ],
    up: (text) => text.replaceAll(':"reader"', 'pg_read_all_data'),
  },
  {
    format: 'graphile-migrate',
    folder: 'migrations',
    files: [
      'migrations/committed/000001.sql',
      'migrations/committed/000002-users-index.sql',
      'migrations/committed/000003.sql',
    ],
    up: (text) =>
      text
        .replaceAll(':DATABASE_VISITOR', 'pg_read_all_data')
        .replaceAll(':DATABASE_OWNER', 'pg_read_all_data'),
  },
  {
    format: 'node-pg-migrate',
    folder: 'migrations',
    files: [
      'migrations/1700000000000_users.sql',
      'migrations/1700000000001_posts.sql',
      'migrations/1700000000002_one-way.sql',
    ],
    up: (text) =>
      text.startsWith('---- Down')
        ? (text.split('---- Up Migration')[1] ?? '')
        : (text.split('-- Down Migration')[0] ?? ''),
  },
  {
    format: 'sourcegraph',
    folder: 'migrations/frontend',
    files: [
      'migrations/frontend/1000_squashed_migrations/up.sql',
      'migrations/frontend/1002_add_name/up.sql',
      'migrations/frontend/1003_add_posts/up.sql',
      'migrations/frontend/1001_join/up.sql',
      'migrations/frontend/1004_index/up.sql',
    ],
    up: whole,
  },
  {
    format: 'atlas',
    folder: 'ent/migrations',
    files: [
      'ent/migrations/20240101000000_users.sql',
      'ent/migrations/20240102000000_index.sql',
      'ent/migrations/20240103000000_function.sql',
      'ent/migrations/20240104000000_checks.sql',
    ],
    up: (text) =>
      (text.split('-- migration.sql --').at(-1)?.split('-- down.sql --')[0] ?? '').replaceAll(
        /^-- end$/gm,
        ';',
      ),
  },
  {
    format: 'plain',
    folder: 'sql',
    files: [
      'sql/1_users.sql',
      'sql/2_posts.sql',
      'sql/10_serializable.sql',
      'sql/more/1_users.sql',
      'sql/more/11_users.sql',
    ],
    up: (text) => (text.split('-- Down Migration')[0] ?? '').replaceAll(/^\\.*$/gm, ''),
  },
]

/** The folder of a format's project. */
export function originalFolder(format: string): string {
  return `${FIXTURES}projects/${format}`
}

/** The folder of the files that importing it gives. */
export function expectedFolder(format: string): string {
  return `${FIXTURES}expected/${format}`
}

/** What to send to a server, message by message, to do what the other tool does. */
export function plainMessages({ format, files, up }: Original): readonly string[] {
  return [...new Set(files)].flatMap((file) => {
    const text = up(readFileSync(`${originalFolder(format)}/${file}`, 'utf8'))
    return /concurrently|^-- no-transaction/i.test(text) ? text.split(/;\n/) : [text]
  })
}
