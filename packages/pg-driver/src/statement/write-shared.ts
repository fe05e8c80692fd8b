import type { Connection } from '../connection/connection.ts'
import type { CompiledStatement } from './compiled-statement.ts'
import { inlineParameters } from './inline-parameters.ts'

/**
 * Writes a statement that is the same for every schema, ready for a message of the simple protocol. Where a
 * connection is kept for many schemas, the server plans it for the first of them alone.
 */
export function writeShared(connection: Connection, statement: CompiledStatement): string {
  return connection.writeShared?.(statement) ?? inlineParameters(statement)
}
