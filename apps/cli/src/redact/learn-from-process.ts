import type { Redactor } from './redactor.ts'

const SECRET_NAME = /pass(word|wd)?$|secret|token|_key$/i
const URL_NAME = /url$|uri$|dsn$/i

/** Teaches a redactor what the command line and the environment hold, before anything else can print it. */
export function learnFromProcess(
  redactor: Redactor,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const argument of argv) {
    redactor.learnFrom(argument)
    redactor.learnFrom(argument.replace(/^--?[a-z-]+=/i, ''))
  }
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue
    if (/^(PG|TIDEMARK_)/.test(name) && SECRET_NAME.test(name)) redactor.learn(value)
    else if (URL_NAME.test(name) || name.startsWith('TIDEMARK_')) redactor.learnFrom(value)
  }
}
