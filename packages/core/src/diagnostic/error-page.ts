import type { DiagnosticCode } from './codes.ts'

/** Where the documentation is published; `tools/run/name-repository.js` writes it. */
const DOCUMENTATION = 'https://your-organization.github.io/tidemark'

/**
 * The page of a code in the documentation: what happened, an example, and how to fix it.
 *
 * @example errorPage('TM2002').endsWith('/errors/TM2002') // true
 */
export function errorPage(code: DiagnosticCode): string {
  return documentationPage(`errors/${code}`)
}

/**
 * The address of a page of the documentation.
 *
 * @example documentationPage('rules/rewrite').endsWith('/rules/rewrite') // true
 */
export function documentationPage(path: string): string {
  return `${DOCUMENTATION}/${path}`
}
