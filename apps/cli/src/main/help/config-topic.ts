import { SETTING_SOURCES } from '../../config/setting-sources.ts'

/** `tidemark help config`, made from the one list of settings. */
export function configTopic(): string {
  const rows = SETTING_SOURCES.map(({ key, variable, flag, summary }) => {
    const names = [variable, flag === undefined ? undefined : `--${flag}`].filter(
      (name) => name !== undefined,
    )
    return `  ${key.padEnd(17)} ${names.join(', ')}\n  ${' '.repeat(17)} ${summary.replaceAll('`', '')}`
  })
  return `tidemark.config.{ts,mjs,js,cjs,json}, searched in the working directory and its parents up to the root of the repository. Flags win, then TIDEMARK_* variables, then the file, then DATABASE_URL; PG* variables supply only what the URL leaves out. Variables that are not set come from .env beside the configuration. In JSON, \${NAME} and \${NAME:-default} are replaced by variables. Paths in the file are relative to its folder, paths in flags to the working directory.

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
  development       true: the database may be dropped by reset --drop NAME;
                    an environment says so itself
  embedded.profile  plain, or supabase: the roles and schemas of Supabase
  variables         Values of the variables that files declare, by name;
                    an environment changes single ones
  hooks             beforeUp, afterEach, afterUp, onError: commands as lists,
                    or functions; run around up under the run lock
  fleet             targets, hosts, waves, concurrency, perServer, maxFailures,
                    pause: what tidemark fleet migrates
  envFile           TIDEMARK_ENV_FILE, --env-file
                    A file of variables (.env, if it exists); false or --no-env-file: none
  environments      TIDEMARK_ENV, --env
                    Named settings that override those of the file
`
}
