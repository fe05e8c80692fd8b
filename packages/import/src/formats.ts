import { atlas } from './formats/atlas.ts'
import { dbmate } from './formats/dbmate.ts'
import { diesel } from './formats/diesel.ts'
import { drizzle } from './formats/drizzle.ts'
import { flyway } from './formats/flyway.ts'
import { golangMigrate } from './formats/golang-migrate.ts'
import { goose } from './formats/goose.ts'
import { graphileMigrate } from './formats/graphile-migrate.ts'
import { hasura } from './formats/hasura.ts'
import { liquibase } from './formats/liquibase.ts'
import { nodePgMigrate } from './formats/node-pg-migrate.ts'
import { plain } from './formats/plain.ts'
import { prisma } from './formats/prisma.ts'
import { sourcegraph } from './formats/sourcegraph.ts'
import { sqitch } from './formats/sqitch.ts'
import { sqlMigrate } from './formats/sql-migrate.ts'
import { sqlx } from './formats/sqlx.ts'
import { supabase } from './formats/supabase.ts'
import type { ImportFormat } from './import-format.ts'

/** The names of the formats, as the command line takes and lists them. */
export const FORMAT_NAMES = [
  'supabase',
  'prisma',
  'drizzle',
  'dbmate',
  'goose',
  'golang-migrate',
  'flyway',
  'diesel',
  'hasura',
  'liquibase',
  'sql-migrate',
  'sqlx',
  'sqitch',
  'graphile-migrate',
  'node-pg-migrate',
  'sourcegraph',
  'atlas',
  'plain',
] as const

/** One of {@link FORMAT_NAMES}. */
export type FormatName = (typeof FORMAT_NAMES)[number]

/** Every format that can be imported. */
export const FORMATS: Readonly<Record<FormatName, ImportFormat>> = {
  supabase,
  prisma,
  drizzle,
  dbmate,
  goose,
  'golang-migrate': golangMigrate,
  flyway,
  diesel,
  hasura,
  liquibase,
  'sql-migrate': sqlMigrate,
  sqlx,
  sqitch,
  'graphile-migrate': graphileMigrate,
  'node-pg-migrate': nodePgMigrate,
  sourcegraph,
  atlas,
  plain,
}

/**
 * The order in which formats are asked whether a folder is theirs: those with files of their own first, then
 * those with names and with comments of their own, then those known only by their place, plain files last.
 */
export const RECOGNITION_ORDER: readonly FormatName[] = [
  'drizzle',
  'prisma',
  'sqitch',
  'sourcegraph',
  'hasura',
  'diesel',
  'graphile-migrate',
  'liquibase',
  'flyway',
  'sqlx',
  'golang-migrate',
  'goose',
  'sql-migrate',
  'dbmate',
  'node-pg-migrate',
  'atlas',
  'supabase',
  'plain',
]
