/** A tool whose migrations import does not read: recording what it sends is the way. */
export interface RecordedTool {
  /** The tool, as people write it. */
  readonly title: string
  /** What applies its migrations. */
  readonly command: string
  /** Files of a project that uses it, from the project's folder. */
  readonly signs: readonly string[]
  /** Its packages on npm. */
  readonly packages: readonly string[]
  /** Names of its migrations, from their folder or the project's. */
  readonly files?: RegExp
}

/** The surest first: what a tool is built on comes after it. */
export const RECORDED_TOOLS: readonly RecordedTool[] = [
  {
    title: 'Rails',
    command: 'bin/rails db:migrate',
    signs: ['bin/rails', 'config/application.rb'],
    packages: [],
    files: /^(?:db\/migrate\/)?\d{14}_\w+\.rb$/,
  },
  {
    title: 'Django',
    command: 'python manage.py migrate',
    signs: ['manage.py'],
    packages: [],
    files: /(?:^|\/)\d{4}_\w+\.py$/,
  },
  {
    title: 'Alembic',
    command: 'alembic upgrade head',
    signs: ['alembic.ini'],
    packages: [],
    files: /^(?:\w+\/)?versions\/\w+\.py$|^[0-9a-f]{12}_\w*\.py$/,
  },
  {
    title: 'TypeORM',
    command: 'npx typeorm migration:run -d DATA_SOURCE',
    signs: ['ormconfig.json', 'ormconfig.js', 'ormconfig.ts'],
    packages: ['typeorm'],
    files: /(?:^|\/)\d{13}-\w+\.[cm]?[jt]s$/,
  },
  {
    title: 'Sequelize',
    command: 'npx sequelize-cli db:migrate',
    signs: ['.sequelizerc'],
    packages: ['sequelize-cli', 'sequelize'],
    files: /(?:^|\/)\d{14}-[\w-]+\.[cm]?[jt]s$/,
  },
  {
    title: 'Knex',
    command: 'npx knex migrate:latest',
    signs: ['knexfile.js', 'knexfile.ts', 'knexfile.mjs', 'knexfile.cjs'],
    packages: ['knex'],
    files: /(?:^|\/)\d{14}_\w+\.[cm]?[jt]s$/,
  },
  {
    title: 'MikroORM',
    command: 'npx mikro-orm migration:up',
    signs: ['mikro-orm.config.ts', 'mikro-orm.config.js'],
    packages: ['@mikro-orm/migrations'],
    files: /(?:^|\/)Migration\d{14}\w*\.[cm]?[jt]s$/,
  },
  {
    title: 'Kysely',
    command: 'npx kysely migrate:latest',
    signs: ['kysely.config.ts', 'kysely.config.js'],
    packages: ['kysely-ctl'],
  },
  { title: 'Postgrator', command: 'npx postgrator', signs: ['.postgratorrc.json'], packages: ['postgrator'] },
  {
    title: 'node-pg-migrate',
    command: 'npx node-pg-migrate up',
    signs: [],
    packages: ['node-pg-migrate'],
    files: /(?:^|\/)\d{13,17}_[\w-]+\.[cm]?[jt]s$/,
  },
  { title: 'umzug', command: 'node migrate.js up', signs: ['umzug.js', 'umzug.ts'], packages: ['umzug'] },
  { title: 'tern', command: 'tern migrate', signs: ['tern.conf'], packages: [] },
  { title: 'MyBatis Migrations', command: 'migrate up', signs: ['migration.properties'], packages: [] },
  { title: 'micrate', command: 'micrate up', signs: [], packages: [] },
  { title: 'rambler', command: 'rambler apply --all', signs: ['rambler.json'], packages: [] },
  { title: 'Play evolutions', command: 'sbt run', signs: ['conf/evolutions'], packages: [] },
]

/**
 * Writes the command that records what a tool sends.
 *
 * @example recordCommand('tern') // "tidemark import --record 'tern migrate'"
 */
export function recordCommand(title: string): string | undefined {
  const tool = RECORDED_TOOLS.find((one) => one.title === title)
  return tool && `tidemark import --record '${tool.command}'`
}
