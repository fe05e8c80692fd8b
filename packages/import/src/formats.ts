import { dbmate } from './formats/dbmate.ts'
import { drizzle } from './formats/drizzle.ts'
import { flyway } from './formats/flyway.ts'
import { golangMigrate } from './formats/golang-migrate.ts'
import { goose } from './formats/goose.ts'
import { plain } from './formats/plain.ts'
import { prisma } from './formats/prisma.ts'
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
  plain,
}

/**
 * The order in which formats are asked whether a folder is theirs: those with files of their own first, then
 * those with names and with comments of their own, then those known only by their place, plain files last.
 */
export const RECOGNITION_ORDER: readonly FormatName[] = [
  'drizzle',
  'prisma',
  'flyway',
  'golang-migrate',
  'goose',
  'dbmate',
  'supabase',
  'plain',
]
