const ESCAPE = String.fromCharCode(27)
const PART = new RegExp(`${ESCAPE}\\[([0-9;?]*)([A-Za-z])|\\r|\\n|[^${ESCAPE}\\r\\n]+`, 'g')

/**
 * Gives the lines that a terminal shows after this text was written: of the control sequences it knows those that
 * our own output has, which go up (`A`), clear a line (`K`) or all below (`J`), and colours.
 */
export function drawScreen(written: string): readonly string[] {
  const lines = ['']
  let row = 0
  let column = 0
  for (const [part, parameter = '', command] of written.matchAll(PART)) {
    if (part === '\r') column = 0
    else if (part === '\n') {
      row += 1
      if (row === lines.length) lines.push('')
    } else if (command === 'A') row = Math.max(0, row - Number(parameter))
    else if (command === 'K') lines[row] = ''
    else if (command === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column)
      lines.splice(row + 1)
    } else if (command === undefined) {
      const before = (lines[row] ?? '').padEnd(column).slice(0, column)
      lines[row] = before + part + (lines[row] ?? '').slice(column + part.length)
      column += part.length
    }
  }
  return lines
}
