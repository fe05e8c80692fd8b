import { diagnosticToJson } from '../failure/error-to-json.ts'
import type { ValidateJson } from '../schema/schemas.ts'
import type { Validation } from './validate.ts'

/** The document of `validate --json`. */
export function validationToJson({ paths, heads, diagnostics }: Validation): ValidateJson {
  return {
    valid: true,
    migrations: paths.length,
    heads: [...heads],
    diagnostics: diagnostics.map(diagnosticToJson),
  }
}
