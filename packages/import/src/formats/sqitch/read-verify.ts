import type { Diagnostic } from '@tidemark/core'
import { notCarriedOver } from '../../foreign/findings.ts'
import { type ForeignSection, type ForeignText, wholeFile } from '../../foreign/foreign-project.ts'
import { isHarmlessPsqlLine } from '../../sql/psql-lines.ts'
import { type ForeignStatement, readStatements } from '../../sql/read-statements.ts'

/** A verify script as a section, if it can be one. */
export interface ReadVerify {
  readonly section: ForeignSection | undefined
  readonly findings: readonly Diagnostic[]
}

/**
 * Reads a verify script. Sqitch counts it as passed when nothing in it fails, whatever its queries return;
 * `@verify` wants a row that is true. So each query becomes a DO block that runs it to its end.
 */
export function readVerify(file: ForeignText): ReadVerify {
  const whole = wholeFile(file)
  const { statements, psqlLines } = readStatements(whole)
  const words = statements.filter(({ facts }) => facts.transactionControl !== undefined)
  const rest = statements.filter((statement) => !words.includes(statement))
  const other = rest.find(({ facts }) => !facts.isQuery && facts.command !== 'DO')
  const isLeftOut = other !== undefined || psqlLines.some((line) => !isHarmlessPsqlLine(file.text, line))
  if (isLeftOut) {
    const message = `its verify script is not imported: ${other === undefined ? 'it has commands of psql' : `${other.facts.command} is not a query`}`
    const help = 'write what must be true as queries under "-- @verify" of the imported file'
    return { section: undefined, findings: [notCarriedOver(file.path, message, help)] }
  }
  if (rest.length === 0) return { section: undefined, findings: [] }
  const queries = rest.filter(({ facts }) => facts.isQuery)
  return {
    section: {
      ...whole,
      directives: words.map(({ start, end }) => ({ start, end })),
      replacements: queries.flatMap(wrap),
    },
    findings: [],
  }
}

function wrap({ start, end, code, terminated }: ForeignStatement): ForeignSection['replacements'] & object {
  const tag = code.includes('$verify$') ? '$sqitch_verify$' : '$verify$'
  const close = terminated ? end - 1 : end
  return [
    { start, end: start, text: `DO ${tag} DECLARE verified record; BEGIN FOR verified IN ` },
    { start: close, end: close, text: ` LOOP END LOOP; END ${tag}` },
  ]
}
