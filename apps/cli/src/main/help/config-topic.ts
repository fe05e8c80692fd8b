import { SETTING_SOURCES } from '../../config/setting-sources.ts'

/** `tidemark help config`, made from the one list of settings. */
export function configTopic(): string {
  const rows = SETTING_SOURCES.map(({ key, variable, flag, summary }) => {
    const names = [variable, flag === undefined ? undefined : `--${flag}`].filter(
      (name) => name !== undefined,
    )
    return `  ${key.padEnd(17)} ${names.join(', ')}\n  ${' '.repeat(17)} ${summary.replaceAll('`', '')}`
  })
  return `tidemark.config.{ts,mjs,js,cjs,json}, looked for in the working directory and upwards to the root of the repository. Flags win, then TIDEMARK_* variables, then the file, then DATABASE_URL; PG* variables fill only what the chosen URL leaves out. A .env file is read only with --env-file or the key envFile. Paths in a file belong to its folder, paths in flags to the working directory.

  {
    "database": "postgres://app@localhost/shop",
    "migrations": "migrations",
    "environments": {
      "production": {
        "database": "postgres://deploy@db.example/shop",
        "protected": true
      }
    }
  }

KEYS, VARIABLES, FLAGS
${rows.join('\n')}
  embedded.profile  plain, or supabase: the roles and schemas of Supabase
  envFile           TIDEMARK_ENV_FILE, --env-file
                    A file of variables, read only when named
  environments      TIDEMARK_ENV, --env
                    Settings by name, over those of the file
`
}
