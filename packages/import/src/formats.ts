import type { ReadForeignFiles } from './foreign/foreign-project.ts'
import { readDbmate } from './formats/dbmate.ts'
import { readDrizzle } from './formats/drizzle.ts'
import { readFlyway } from './formats/flyway.ts'
import { readGolangMigrate } from './formats/golang-migrate.ts'
import { readGoose } from './formats/goose.ts'
import { readPlain } from './formats/plain.ts'
import { readPrisma } from './formats/prisma.ts'
import { readSupabase } from './formats/supabase.ts'

/** The names of the formats, as the command line takes them. */
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

/** What is known about a format. */
export interface ImportFormat {
  /** As people write it. */
  readonly title: string
  /** Where its files usually are, the likeliest first. */
  readonly folders: readonly string[]
  readonly read: ReadForeignFiles
}

/** Every format that can be imported. */
export const FORMATS: Readonly<Record<FormatName, ImportFormat>> = {
  supabase: { title: 'Supabase', folders: ['supabase/migrations'], read: readSupabase },
  prisma: { title: 'Prisma', folders: ['prisma/migrations'], read: readPrisma },
  drizzle: {
    title: 'Drizzle',
    folders: [
      'drizzle',
      'drizzle/migrations',
      'migrations',
      'src/db/migrations',
      'src/drizzle',
      'db/migrations',
    ],
    read: readDrizzle,
  },
  dbmate: { title: 'dbmate', folders: ['db/migrations', 'migrations'], read: readDbmate },
  goose: {
    title: 'goose',
    folders: [
      'migrations',
      'db/migrations',
      'sql/schema',
      'sql/migrations',
      'internal/db/migrations',
      'schema',
    ],
    read: readGoose,
  },
  'golang-migrate': {
    title: 'golang-migrate',
    folders: ['migrations', 'db/migrations', 'db/migration', 'database/migrations', 'internal/db/migrations'],
    read: readGolangMigrate,
  },
  flyway: {
    title: 'Flyway',
    folders: ['src/main/resources/db/migration', 'db/migration', 'sql', 'migrations', 'flyway/sql'],
    read: readFlyway,
  },
  plain: { title: 'plain SQL', folders: ['migrations', 'sql', 'db', 'db/migrations'], read: readPlain },
}
