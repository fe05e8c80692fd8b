import type { Validation } from '../services/validate.ts'
import { diagnosticToJson } from './error.ts'
import type { ValidateJson } from './schemas.ts'

/** The document of `validate --json`. */
export function validationToJson({ paths, heads, diagnostics }: Validation): ValidateJson {
  return {
    valid: true,
    migrations: paths.length,
    heads: [...heads],
    diagnostics: diagnostics.map(diagnosticToJson),
  }
}
