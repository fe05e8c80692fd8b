/**
 * A project of another tool whose files hold a way forward (`CREATE TABLE … kept`) and a way back (`DROP
 * TABLE kept`).
 */
export interface TwoWayProject {
  /** The tool, as the refusal names it, or the layout. */
  readonly title: string
  /** By path in the folder of its migrations. */
  readonly files: Readonly<Record<string, string>>
}

/** What each way forward does: rows that are there stay. */
export const FORWARD = 'CREATE TABLE IF NOT EXISTS kept (id int);\n'
/** What each way back does. */
export const BACK = 'DROP TABLE kept;\n'

/** Tools whose files import refuses, naming the tool. */
export const REFUSED: readonly TwoWayProject[] = [
  // Scripts without the plan that orders them.
  {
    title: 'Sqitch',
    files: {
      'deploy/kept.sql': `-- Deploy shop:kept to pg\nBEGIN;\n${FORWARD}COMMIT;\n`,
      'revert/kept.sql': `-- Revert shop:kept from pg\nBEGIN;\n${BACK}COMMIT;\n`,
    },
  },
  { title: 'micrate', files: { '1_kept.sql': `-- +micrate Up\n${FORWARD}\n-- +micrate Down\n${BACK}` } },
  { title: 'rambler', files: { '01_kept.sql': `-- rambler up\n${FORWARD}\n-- rambler down\n${BACK}` } },
  { title: 'tern', files: { '001_kept.sql': `${FORWARD}\n---- create above / drop below ----\n\n${BACK}` } },
  {
    title: 'MyBatis Migrations',
    files: { '20240101000000_kept.sql': `-- // kept\n${FORWARD}\n-- //@UNDO\n${BACK}` },
  },
  { title: 'MyBatis Migrations', files: { '1_kept.sql': `${FORWARD}--//@UNDO\n${BACK}` } },
  { title: 'Play evolutions', files: { '1.sql': `-- !Ups\n${FORWARD}\n-- !Downs\n${BACK}` } },
  {
    title: 'Play evolutions',
    files: { '1.sql': `# --- It's new\n# --- !Ups\n${FORWARD}\n# --- !Downs\n${BACK}` },
  },
  // Marks of formats that are read, where the layout says plain files.
  { title: 'goose', files: { 'a.sql': FORWARD, 'b.sql': `-- +goose Down\n${BACK}` } },
  { title: 'dbmate', files: { 'a.sql': FORWARD, 'b.sql': `-- migrate:down\n${BACK}` } },
]

/** Layouts that are read: one migration each, with a @down. */
export const PAIRED: readonly (TwoWayProject & { readonly id: string })[] = [
  {
    title: 'Sqitch',
    id: 'kept',
    files: {
      'sqitch.plan':
        '%syntax-version=1.0.0\n%project=shop\n\nkept 2024-01-01T00:00:00Z A <a@example.com> # t\n',
      'deploy/kept.sql': FORWARD,
      'revert/kept.sql': BACK,
      'verify/kept.sql': 'SELECT id FROM kept WHERE false;\n',
    },
  },
  {
    title: 'sql-migrate',
    id: '001_kept',
    files: { '001_kept.sql': `-- +migrate Up\n${FORWARD}\n-- +migrate Down\n${BACK}` },
  },
  {
    title: 'Liquibase',
    id: '001_1',
    files: {
      '001.sql': `--liquibase formatted sql\n\n--changeset ann:1\n${FORWARD}--rollback ${BACK}`,
    },
  },
  {
    title: 'Liquibase, the rollback in a block',
    id: '001_1',
    files: {
      '001.sql': `--liquibase formatted sql\n--changeset ann:1\n${FORWARD}/* liquibase rollback\n${BACK}*/\n`,
    },
  },
  {
    title: 'sqlx',
    id: '1_kept',
    files: { '1_kept.up.sql': `-- no-transaction\n${FORWARD}`, '1_kept.down.sql': BACK },
  },
  {
    title: 'Atlas',
    id: '1_kept',
    files: {
      'atlas.sum': 'h1:0=\n',
      '1_kept.sql': `-- atlas:txtar\n\n-- migration.sql --\n${FORWARD}\n-- down.sql --\n${BACK}`,
    },
  },
  {
    title: 'Sourcegraph',
    id: '1_kept',
    files: {
      '1_kept/metadata.yaml': 'name: kept\nparents: []\n',
      '1_kept/up.sql': FORWARD,
      '1_kept/down.sql': BACK,
    },
  },
  {
    title: 'Diesel',
    id: '2024-01-01-000000_kept',
    files: { '2024-01-01-000000_kept/up.sql': FORWARD, '2024-01-01-000000_kept/down.sql': BACK },
  },
  {
    title: 'Hasura',
    id: '1700000000000_kept',
    files: {
      'default/1700000000000_kept/up.sql': FORWARD,
      'default/1700000000000_kept/down.sql': BACK,
    },
  },
  {
    title: 'Postgrator',
    id: '001.kept',
    files: { '001.do.kept.sql': FORWARD, '001.undo.kept.sql': BACK },
  },
  {
    title: 'Postgrator without a description',
    id: '001',
    files: { '001.do.sql': FORWARD, '001.undo.sql': BACK },
  },
  {
    title: 'Postgrator with two descriptions',
    id: '001.kept',
    files: { '001.do.kept.sql': FORWARD, '001.undo.unkept.sql': BACK },
  },
  {
    title: 'db-migrate',
    id: '20240101-kept',
    files: { '20240101-kept-up.sql': FORWARD, '20240101-kept-down.sql': BACK },
  },
  { title: 'Umzug', id: '1.kept', files: { '1.kept.sql': FORWARD, 'down/1.kept.sql': BACK } },
  { title: 'two folders', id: '1.kept', files: { 'up/1.kept.sql': FORWARD, 'down/1.kept.sql': BACK } },
  { title: 'Migratus', id: '1-kept', files: { '1-kept.up.sql': FORWARD, '1-kept.down.sql': BACK } },
  { title: 'yoyo', id: '0001.kept', files: { '0001.kept.sql': FORWARD, '0001.kept.rollback.sql': BACK } },
  { title: 'dogfish', id: '1-kept', files: { 'migrate-1-kept.sql': FORWARD, 'rollback-1-kept.sql': BACK } },
  { title: 'upper case', id: '1_KEPT', files: { '1_KEPT.UP.sql': FORWARD, '1_KEPT.DOWN.sql': BACK } },
  {
    title: 'node-pg-migrate',
    id: '1_kept',
    files: { '1_kept.sql': `-- Up Migration\n${FORWARD}\n-- Down Migration: takes it back\n${BACK}` },
  },
  {
    title: 'node-pg-migrate, the way back first',
    id: '1_kept',
    files: { '1_kept.sql': `-- Down Migration\n${BACK}\n-- Up Migration\n${FORWARD}` },
  },
  {
    title: 'only a mark for the way back',
    id: '1_kept',
    files: { '1_kept.sql': `${FORWARD}\n-- Rollback:\n${BACK}` },
  },
  {
    title: 'shmig',
    id: '1_kept',
    files: { '1_kept.sql': `-- ==== UP ====\n${FORWARD}\n-- ==== DOWN ====\n${BACK}` },
  },
  {
    title: 'goose, the way back first',
    id: '1_kept',
    files: { '1_kept.sql': `-- +goose Down\n${BACK}\n-- +goose Up\n${FORWARD}` },
  },
  {
    title: 'dbmate, the way back first',
    id: '1_kept',
    files: { '1_kept.sql': `-- migrate:down\n${BACK}\n-- migrate:up\n${FORWARD}` },
  },
  { title: 'golang-migrate', id: '1_kept', files: { '1_kept.up.sql': FORWARD, '1_kept.down.sql': BACK } },
  { title: 'Flyway', id: 'V1__kept', files: { 'V1__kept.sql': FORWARD, 'U1__kept.sql': BACK } },
  { title: 'Prisma', id: '1_kept', files: { '1_kept/migration.sql': FORWARD, '1_kept/down.sql': BACK } },
]
