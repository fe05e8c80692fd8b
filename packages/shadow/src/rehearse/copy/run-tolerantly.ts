import { type Connection, isServerError } from '@tidemark/pg-driver/engine'

/**
 * Runs statements of which each may fail: what failed leaves nothing behind. All of them in one transaction, in
 * which the bodies of functions are not checked.
 *
 * @returns how many ran.
 */
export async function runTolerantly(connection: Connection, statements: readonly string[]): Promise<number> {
  let ran = 0
  await connection.query('BEGIN')
  try {
    await connection.query('SET LOCAL check_function_bodies = off')
    for (const statement of statements) {
      await connection.query('SAVEPOINT one')
      try {
        await connection.query(statement)
        ran += 1
      } catch (error) {
        if (!isServerError(error)) throw error
        await connection.query('ROLLBACK TO SAVEPOINT one')
      }
      await connection.query('RELEASE SAVEPOINT one')
    }
    await connection.query('COMMIT')
    return ran
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
