/** The table in which a tool writes down what it has applied, and what a write to it says. */
export interface KnownHistory {
  /** The tool, as people write it. */
  readonly title: string
  /** The table's name, in whatever schema. */
  readonly table: string
  /** Other tables of the tool, such as one for its lock. */
  readonly companions?: readonly string[]
  /** The columns that say which migration it is. */
  readonly key: readonly string[]
  /** Columns that give a better name together. Default: those of the key. */
  readonly name?: readonly string[]
  /** `updated`: the table has one row, which says how far the tool is. Default: a row for each migration. */
  readonly rows?: 'updated'
  /** Whether the row is written before the statements of its migration or after them. Default: after. */
  readonly written?: 'before'
  /** The tool opens no transaction by itself. */
  readonly opensNoTransaction?: true
}

/** Tools whose migrations are recorded. A name may be there more than once: the columns decide. */
export const KNOWN_HISTORIES: readonly KnownHistory[] = [
  { title: 'Knex', table: 'knex_migrations', companions: ['knex_migrations_lock'], key: ['name'] },
  {
    title: 'TypeORM',
    table: 'migrations',
    companions: ['typeorm_metadata'],
    key: ['timestamp', 'name'],
    name: ['timestamp', 'name'],
  },
  { title: 'Sequelize', table: 'SequelizeMeta', key: ['name'], opensNoTransaction: true },
  { title: 'Sequelize', table: 'SequelizeData', key: ['name'], opensNoTransaction: true },
  { title: 'node-pg-migrate', table: 'pgmigrations', key: ['name'] },
  { title: 'Kysely', table: 'kysely_migration', companions: ['kysely_migration_lock'], key: ['name'] },
  { title: 'Drizzle', table: '__drizzle_migrations', key: ['created_at'], name: ['created_at', 'name'] },
  { title: 'MikroORM', table: 'mikro_orm_migrations', key: ['name'] },
  {
    title: 'Prisma',
    table: '_prisma_migrations',
    key: ['migration_name'],
    written: 'before',
    opensNoTransaction: true,
  },
  { title: 'Django', table: 'django_migrations', key: ['app', 'name'] },
  { title: 'Alembic', table: 'alembic_version', key: ['version_num'], rows: 'updated' },
  {
    title: 'Rails',
    table: 'schema_migrations',
    companions: ['ar_internal_metadata'],
    key: ['version'],
  },
  {
    title: 'Postgrator',
    table: 'schemaversion',
    key: ['version'],
    name: ['version', 'name'],
    opensNoTransaction: true,
  },
  { title: 'tern', table: 'schema_version', key: ['version'], rows: 'updated' },
  { title: 'MyBatis Migrations', table: 'changelog', key: ['id'], name: ['id', 'description'] },
  { title: 'Play evolutions', table: 'play_evolutions', key: ['id'], written: 'before' },
  { title: 'micrate', table: 'micrate_db_version', key: ['version_id'] },
  { title: 'rambler', table: 'migrations', key: ['migration'] },
  { title: 'Laravel', table: 'migrations', key: ['migration'] },
]
