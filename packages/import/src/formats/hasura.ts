import * as z from 'zod'
import { notCarriedOver } from '../foreign/findings.ts'
import { listFolderPairs } from '../foreign/folder-pairs.ts'
import { type ForeignFile, type ForeignProject, wholeFile } from '../foreign/foreign-project.ts'
import { compareDigits, compareText, findSharedVersions, normalizeNumber } from '../foreign/version-order.ts'
import type { JudgeHistory } from '../history/history.ts'
import { judgeVersions } from '../history/judge-by-version.ts'
import { hasName, type ImportFormat } from '../import-format.ts'

/** `DATABASE/VERSION_name`, or `VERSION_name` where the folder of one database was named. */
const FOLDER = /^(?:([^/]+)\/)?(\d+)(?:_[^/]*)?$/

const StateSchema = z.object({
  migrations: z.record(z.string(), z.record(z.string(), z.boolean())).default({}),
})

/** One row, whose `cli_state` names the versions of each database, and whether they are dirty. */
const judge: JudgeHistory = (rows, migrations) => {
  const state = StateSchema.safeParse(parseJson(rows[0]?.['cli_state'] ?? '{}'))
  const all = state.success ? state.data.migrations : {}
  const [, database = 'default'] = /([^/]+)\/[^/]+\/up\.sql$/.exec(migrations[0]?.up.source.path ?? '') ?? []
  const versions = all[database] ?? all['default'] ?? {}
  const dirty = Object.keys(versions).find((version) => versions[version] === true)
  return {
    ...judgeVersions(new Set(Object.keys(versions)), migrations),
    refusal:
      dirty === undefined
        ? undefined
        : {
            message: `version ${dirty} is dirty: it failed half way`,
            help: `fix the database by hand, run \`hasura migrate apply --version ${dirty} --skip-execution\`, and import again`,
          },
  }
}

/** Hasura: a folder a migration, with `up.sql` and `down.sql`, in the order of their numbers. */
export const hasura: ImportFormat = {
  title: 'Hasura',
  folders: ['hasura/migrations', 'migrations'],
  signs: ['hasura/config.yaml', 'metadata/version.yaml'],
  recognizes: (folder) => hasName(folder, /^(?:[^/]+\/)?\d{13}_[^/]*\/up\.sql$/),
  hasDirections: true,
  read,
  history: {
    table: { schema: 'hdb_catalog', name: 'hdb_version', columns: ['hasura_uuid', 'cli_state'] },
    judge,
  },
}

function read(files: readonly ForeignFile[]): ForeignProject {
  const pairs = listFolderPairs(files).flatMap((pair) => {
    const [found, database = '', version = ''] = FOLDER.exec(pair.folder) ?? []
    return found === undefined ? [] : [{ ...pair, database, version }]
  })
  const databases = [...new Set(pairs.map(({ database }) => database))].sort(compareText)
  const chosen = databases.includes('default') ? 'default' : databases[0]
  const migrations = pairs
    .filter(({ database }) => database === chosen)
    .sort((a, b) => compareDigits(a.version, b.version) || compareText(a.folder, b.folder))
    .map(({ folder, version, up, down }) => ({
      version,
      name: folder.slice(folder.lastIndexOf('/') + 1),
      description: undefined,
      up: wholeFile(up),
      down: down && wholeFile(down),
      transaction: 'required' as const,
      run: 'once' as const,
    }))
  const others = pairs
    .filter(({ database }) => database !== chosen)
    .flatMap(({ database, up, down }) =>
      [up, ...(down === undefined ? [] : [down])].map(({ path }) =>
        notCarriedOver(
          path,
          `it belongs to the database "${database}", and this import is of "${chosen}"`,
          'import it by itself, to a folder of its own: name its folder with `--from`',
        ),
      ),
    )
  return { migrations, findings: [...others, ...findSharedVersions(migrations, normalizeNumber)] }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
