import pg from 'pg'
import type { CorpusFile } from './corpora.ts'

/** Cuts a script into statements. Give one that shares nothing with what is under test. */
export type SplitStatements = (sql: string) => Promise<readonly string[]>

/**
 * Executes files as `psql` would: each in one transaction, or statement by statement where the file asks for
 * none.
 */
export async function executePlainly(
  url: string,
  files: readonly CorpusFile[],
  split: SplitStatements,
): Promise<void> {
  for (const file of files) await executeSection(url, file, file.up, split)
}

/** Executes one section of a file on a connection of its own, so that no setting reaches the next. */
export async function executeSection(
  url: string,
  file: CorpusFile,
  sql: string,
  split: SplitStatements,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'tidemark plain execution' })
  await client.connect()
  try {
    const messages = file.transactional ? [`BEGIN;${sql}\n;COMMIT`] : await split(sql)
    for (const message of messages) await client.query(message)
  } catch (error) {
    throw new Error(`${file.id} fails in plain execution: ${error instanceof Error ? error.message : error}`)
  } finally {
    await client.end()
  }
}
