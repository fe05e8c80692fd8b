import type { Diagnostic, SourceFile, Span } from '@tidemark/core'

/** TM7031: something of the other tool that is not imported. */
export function notCarriedOver(path: string, message: string, help: string): Diagnostic {
  return { code: 'TM7031', severity: 'warning', message, source: { path, text: '' }, help }
}

/** TM7032: a change to the text that does not change what it does. */
export function changed(source: SourceFile, span: Span | undefined, message: string): Diagnostic {
  return { code: 'TM7032', severity: 'note', message, source, ...(span === undefined ? {} : { span }) }
}

/** TM7033: an imported file to review before it is applied. */
export function needsReview(
  source: SourceFile,
  span: Span | undefined,
  message: string,
  help: string,
  severity: 'warning' | 'note' = 'warning',
): Diagnostic {
  return { code: 'TM7033', severity, message, source, ...(span === undefined ? {} : { span }), help }
}

/** TM7035: what makes it impossible to say which way SQL goes. Nothing is imported. */
export function unclearDirection(
  source: SourceFile,
  span: Span | undefined,
  message: string,
  help: string,
): Diagnostic {
  return { code: 'TM7035', severity: 'error', message, source, ...(span === undefined ? {} : { span }), help }
}
