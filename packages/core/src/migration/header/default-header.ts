import type { MigrationHeader } from '../model/migration.ts'

/** What a header says that names nothing. The description's default is the id in words. */
export const DEFAULT_HEADER: Readonly<Omit<MigrationHeader, 'description'>> = {
  type: 'custom_sql',
  dependsOn: [],
  transaction: 'required',
  run: 'once',
  lockTimeoutMs: null,
  statementTimeoutMs: null,
  role: null,
  blocking: true,
  replaces: [],
  tags: [],
}
