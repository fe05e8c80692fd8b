import type { DiagnosticCode } from './codes.ts'

/** Where the documentation is published; `tools/run/name-repository.js` writes it. */
const DOCUMENTATION = 'https://your-organization.github.io/tidemark'

/**
 * The page of a code in the documentation: what happened, an example, and how to fix it.
 *
 * @example errorPage('TM2002').endsWith('/errors/TM2002') // true
 */
export function errorPage(code: DiagnosticCode): string {
  return `${DOCUMENTATION}/errors/${code}`
}
