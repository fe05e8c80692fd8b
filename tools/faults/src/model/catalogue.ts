import { type Migration, parseMigration } from '@tidemark/core'

/** What a file of the model does when it runs: well, with an error, or so that its server process ends. */
export type Behaviour = 'well' | 'error' | 'crash'

/** What may be changed about a file. */
export interface FileState {
  readonly version: number
  /** A comment: it changes the checksum, and nothing that runs. */
  readonly remark: number
  readonly behaviour: Behaviour
}

/** What is fixed about a file. */
export interface Shape {
  /** What its SQL calls itself: a renamed file keeps it. */
  readonly label: string
  readonly kind: 'once' | 'on_change' | 'none'
  readonly dependsOn: readonly string[]
  readonly isReversible: boolean
  /** How it writes: by INSERT, by COPY, or by INSERT as another role. */
  readonly by: 'insert' | 'copy' | 'role'
  /** False: a readiness gate does not wait for it, and it comes last. */
  readonly isBlocking: boolean
}

const shape = (
  label: string,
  kind: Shape['kind'],
  dependsOn: readonly string[],
  rest: Partial<Shape> = {},
): Shape => ({ label, kind, dependsOn, isReversible: true, by: 'insert', isBlocking: true, ...rest })

/** The role of the file that has one. It may write every table, and read none. */
const ROLE = 'pg_write_all_data'

/**
 * Every file that the model knows, in the order of plans: a diamond, views that follow a view, one without a
 * transaction, one with two names, and one that comes last since nobody waits for it.
 */
export const SHAPES: Readonly<Record<string, Shape>> = {
  '001_a': shape('m1', 'once', []),
  '002_b': shape('m2', 'once', ['001_a'], { by: 'copy' }),
  '003_c': shape('m3', 'once', ['001_a'], { isReversible: false, by: 'role' }),
  '004_d': shape('m4', 'once', ['002_b', '003_c']),
  '005_e': shape('m5', 'on_change', []),
  '006_f': shape('m6', 'on_change', ['005_e']),
  '007_g': shape('m7', 'none', ['002_b']),
  '008_x': shape('m8', 'once', []),
  '008_y': shape('m8', 'once', []),
  '000_n': shape('m0', 'once', ['001_a'], { isBlocking: false }),
}

/** Ids in the order of plans. */
export const IDS: readonly string[] = Object.keys(SHAPES)

/** The shape of an id. */
export function shapeOf(id: string): Shape {
  const found = SHAPES[id]
  if (found === undefined) throw new TypeError(`no shape for ${id}`)
  return found
}

/** What decides whether an applied file has changed in what ran. */
export function upKey({ version, behaviour }: FileState): string {
  return `${version} ${behaviour}`
}

/** What decides whether a file is another one at all. */
export function wholeKey(file: FileState): string {
  return `${upKey(file)} ${file.remark}`
}

/** Writes and parses the file of an id. `effect` holds what is there, `ran` every execution. */
export function toMigration(id: string, file: FileState, schema: string): Migration {
  const { label, kind, dependsOn, isReversible, by, isBlocking } = shapeOf(id)
  const insert =
    by === 'copy'
      ? `COPY ${schema}.effect FROM stdin;\n${label}\t${file.version}\n\\.`
      : `INSERT INTO ${schema}.effect VALUES ('${label}', ${file.version});`
  const clear = `DELETE FROM ${schema}.effect WHERE label = '${label}';`
  const endings = {
    well: 'SELECT 1;',
    error: 'SELECT 1/0;',
    crash: 'SELECT pg_terminate_backend(pg_backend_pid());',
  }
  const text = [
    `-- Depends on: [${dependsOn.join(', ')}]`,
    `-- Transaction: ${kind === 'none' ? 'none' : 'required'}`,
    `-- Run: ${kind === 'on_change' ? 'on_change' : 'once'}`,
    ...(by === 'role' ? [`-- Role: ${ROLE}`] : []),
    `-- Blocking: ${isBlocking}`,
    '-- @up',
    `-- remark ${file.remark}`,
    kind === 'on_change' ? `${clear} ${insert}` : insert,
    `INSERT INTO ${schema}.ran VALUES ('${label}');`,
    ...(by === 'role' ? [`SELECT 1 / (current_user = '${ROLE}')::int;`, 'RESET ROLE;'] : []),
    endings[file.behaviour],
    ...(isReversible ? ['-- @down', clear] : []),
    '',
  ].join('\n')
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}
