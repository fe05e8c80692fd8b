/** A tool whose migrations import does not read, most often because they are code. */
export interface ToolInCode {
  /** The tool, as people write it. */
  readonly title: string
  /** What applies its migrations. */
  readonly command: string
  /** What rolls back one of them, or all. */
  readonly downCommand?: string
  /** Files of a project that uses it, from the project's folder. */
  readonly signs: readonly string[]
  /** Its packages on npm. */
  readonly packages: readonly string[]
  /** Names of its migrations, from their folder or the project's. */
  readonly files?: RegExp
}

/** The surest first: what a tool is built on comes after it. */
export const TOOLS_IN_CODE: readonly ToolInCode[] = [
  {
    title: 'Rails',
    command: 'bin/rails db:migrate',
    downCommand: 'bin/rails db:rollback',
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
    downCommand: 'alembic downgrade -1',
    signs: ['alembic.ini'],
    packages: [],
    files: /^(?:\w+\/)?versions\/\w+\.py$|^[0-9a-f]{12}_\w*\.py$/,
  },
  {
    title: 'TypeORM',
    command: 'npx typeorm migration:run -d DATA_SOURCE',
    downCommand: 'npx typeorm migration:revert -d DATA_SOURCE',
    signs: ['ormconfig.json', 'ormconfig.js', 'ormconfig.ts'],
    packages: ['typeorm'],
    files: /(?:^|\/)\d{13}-\w+\.[cm]?[jt]s$/,
  },
  {
    title: 'Sequelize',
    command: 'npx sequelize-cli db:migrate',
    downCommand: 'npx sequelize-cli db:migrate:undo',
    signs: ['.sequelizerc'],
    packages: ['sequelize-cli', 'sequelize'],
    files: /(?:^|\/)\d{14}-[\w-]+\.[cm]?[jt]s$/,
  },
  {
    title: 'Knex',
    command: 'npx knex migrate:latest',
    downCommand: 'npx knex migrate:down',
    signs: ['knexfile.js', 'knexfile.ts', 'knexfile.mjs', 'knexfile.cjs'],
    packages: ['knex'],
    files: /(?:^|\/)\d{14}_\w+\.[cm]?[jt]s$/,
  },
  {
    title: 'MikroORM',
    command: 'npx mikro-orm migration:up',
    downCommand: 'npx mikro-orm migration:down',
    signs: ['mikro-orm.config.ts', 'mikro-orm.config.js'],
    packages: ['@mikro-orm/migrations'],
    files: /(?:^|\/)Migration\d{14}\w*\.[cm]?[jt]s$/,
  },
  {
    title: 'Kysely',
    command: 'npx kysely migrate:latest',
    downCommand: 'npx kysely migrate:down',
    signs: ['kysely.config.ts', 'kysely.config.js'],
    packages: ['kysely-ctl'],
  },
  { title: 'Postgrator', command: 'npx postgrator', signs: ['.postgratorrc.json'], packages: ['postgrator'] },
  {
    title: 'node-pg-migrate',
    command: 'npx node-pg-migrate up',
    downCommand: 'npx node-pg-migrate down',
    signs: [],
    packages: ['node-pg-migrate'],
    files: /(?:^|\/)\d{13,17}_[\w-]+\.[cm]?[jt]s$/,
  },
  {
    title: 'umzug',
    command: 'node migrate.js up',
    downCommand: 'node migrate.js down',
    signs: ['umzug.js', 'umzug.ts'],
    packages: ['umzug'],
  },
  {
    title: 'tern',
    command: 'tern migrate',
    downCommand: 'tern migrate --destination -1',
    signs: ['tern.conf'],
    packages: [],
  },
  {
    title: 'MyBatis Migrations',
    command: 'migrate up',
    downCommand: 'migrate down',
    signs: ['migration.properties'],
    packages: [],
  },
  { title: 'micrate', command: 'micrate up', downCommand: 'micrate down', signs: [], packages: [] },
  {
    title: 'rambler',
    command: 'rambler apply --all',
    downCommand: 'rambler reverse --all',
    signs: ['rambler.json'],
    packages: [],
  },
  { title: 'Play evolutions', command: 'sbt run', signs: ['conf/evolutions'], packages: [] },
]

/**
 * Says how a project moves over from a tool whose migrations are not read: they are recorded.
 *
 * @example describeWayOver('tern')
 * // 'record what it does: `tidemark import --record 'tern migrate' --record-down 'tern migrate --destination -1'`'
 */
export function describeWayOver(title: string): string | undefined {
  const tool = TOOLS_IN_CODE.find((one) => one.title === title)
  if (tool === undefined) return undefined
  const down = tool.downCommand === undefined ? '' : ` --record-down '${tool.downCommand}'`
  return `record what it does: \`tidemark import --record '${tool.command}'${down}\``
}
