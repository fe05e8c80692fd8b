import { expect, test } from 'vitest'
import { withoutFileStatement } from './file-statement.ts'

test.each([
  [
    "BEGIN\n;\nEXECUTE tidemark_4(E'1 a')\n;\nDROP TABLE t;\n;\nEXECUTE tidemark_3(E'b')\n;\nCOMMIT",
    'DROP TABLE t;',
  ],
  ["DROP TABLE t;\n;\nSET CONSTRAINTS ALL IMMEDIATE\n;\nEXECUTE tidemark_3(E'b", 'DROP TABLE t;'],
  ['SELECT 1\n;\nSELECT 2', 'SELECT 1\n;\nSELECT 2'],
  ["BEGIN\n;\nEXECUTE tidemark_4(E'1 a')", "BEGIN\n;\nEXECUTE tidemark_4(E'1 a')"],
  ['BEGIN', 'BEGIN'],
])('of what the server shows, the statement of the file is returned: %j', (message, statement) => {
  expect(withoutFileStatement(message)).toBe(statement)
})
