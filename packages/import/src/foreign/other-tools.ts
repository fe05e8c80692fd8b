import type { Diagnostic, SourceFile, Span } from '@tidemark/core'
import { unclearDirection } from './findings.ts'
import { baseName, type ForeignFile, hasText } from './foreign-project.ts'
import { describeWayOver } from './tools-in-code.ts'

/** How the files of a tool are recognized. */
interface ToolMarks {
  readonly title: string
  /** The format that reads them; undefined: none does. */
  readonly format?: string
  /** A line that only this tool writes. */
  readonly line?: RegExp
  /** Gives the first file that only this tool has. */
  readonly findFile?: (names: ReadonlySet<string>) => string | undefined
}

/** Tools whose files hold a way back, or an order, that only the tool itself, or its own format, can read. */
const TOOLS: readonly ToolMarks[] = [
  {
    title: 'Sqitch',
    format: 'sqitch',
    line: /^--[ \t]*(?:Deploy|Revert|Verify) \S+ (?:to|from|on) (?:pg|cockroach)[ \t]*$/m,
    findFile: (names) =>
      [...names].find((name) => /^sqitch\.(plan|conf)$/.test(baseName(name))) ??
      [...names].find((name) => isIn(name, 'deploy') && names.has(replaceFolder(name, 'deploy', 'revert'))),
  },
  { title: 'sql-migrate', format: 'sql-migrate', line: /^[ \t]*--[ \t]*\+migrate\b/im },
  { title: 'micrate', line: /^[ \t]*--[ \t]*\+micrate\b/im },
  { title: 'rambler', line: /^[ \t]*--[ \t]*rambler[ \t]+(?:up|down)\b/im },
  {
    title: 'tern',
    line: /^[ \t]*-{2,}[ \t]*create above[ \t]*\/[ \t]*drop below\b/im,
    findFile: (names) => [...names].find((name) => baseName(name) === 'tern.conf'),
  },
  { title: 'MyBatis Migrations', line: /^[ \t]*--[ \t]*\/\/[ \t]*@UNDO\b/im },
  { title: 'Play evolutions', line: /^[ \t]*(?:#|--).*!(?:Ups|Downs)\b/im },
  {
    title: 'Liquibase',
    format: 'liquibase',
    line: /^[ \t]*--[ \t]*(?:liquibase[ \t]+formatted[ \t]+sql|changeset[ \t]+\S+:)/im,
  },
  {
    title: 'graphile-migrate',
    format: 'graphile-migrate',
    line: /^--![ \t]*(?:Previous|Hash|AllowInvalidHash|Message)\b/im,
  },
  {
    title: 'Sourcegraph',
    format: 'sourcegraph',
    findFile: (names) =>
      [...names].find(
        (name) => baseName(name) === 'metadata.yaml' && names.has(name.replace(/metadata\.yaml$/, 'up.sql')),
      ),
  },
  { title: 'goose', format: 'goose', line: /^[ \t]*--[ \t]*\+goose[ \t]+(?:up|down)\b/im },
  { title: 'dbmate', format: 'dbmate', line: /^[ \t]*--[ \t]*migrate:[ \t]*(?:up|down)\b/im },
  {
    title: 'Flyway',
    format: 'flyway',
    findFile: (names) => {
      const versions = new Set([...names].map((name) => /^V([\d._]+)__/.exec(baseName(name))?.[1]))
      return [...names].find((name) => versions.has(/^U([\d._]+)__.*\.sql$/.exec(baseName(name))?.[1] ?? ''))
    },
  },
]

/** A file that is not of the format that reads it, and what says so. */
interface OtherToolFile {
  readonly tool: ToolMarks
  readonly source: SourceFile
  /** Undefined: its name says so. */
  readonly mark: Span | undefined
}

/**
 * Reports files of another tool than the one that they are read as, once for each tool: what that tool takes
 * for a way back would run as a way forward.
 *
 * @param read the paths of the files that would be imported.
 */
export function findOtherTools(
  format: string,
  files: readonly ForeignFile[],
  read: ReadonlySet<string>,
): readonly Diagnostic[] {
  return listOtherTools(format, files, read).map(({ tool: { title, format: other }, source, mark }) => {
    const message =
      mark === undefined
        ? `a file of ${title}`
        : `"${source.text.slice(mark.start, mark.end)}" is a mark of ${title}`
    const help =
      other === undefined
        ? `import does not read ${title}: ${describeWayOver(title)}; or split each file into NAME.up.sql and NAME.down.sql, numbered in the order in which ${title} runs them, and import those`
        : `move the files of ${title} to a folder of their own and import that: \`tidemark import ${other} --from FOLDER\``
    return unclearDirection(source, mark, message, help)
  })
}

/** Names the tool that plain files belong to, if import reads no files of that tool. */
export function nameOtherTool(files: readonly ForeignFile[]): string | undefined {
  const read = new Set(files.map(({ path }) => path))
  return listOtherTools('plain', files, read).find(({ tool }) => tool.format === undefined)?.tool.title
}

function listOtherTools(
  format: string,
  files: readonly ForeignFile[],
  read: ReadonlySet<string>,
): readonly OtherToolFile[] {
  const names = new Set(files.map(({ name }) => name))
  const texts = files.filter(hasText).filter(({ path }) => read.has(path))
  return TOOLS.filter((tool) => tool.format !== format).flatMap((tool): readonly OtherToolFile[] => {
    const named = tool.findFile?.(names)
    const file = files.find(({ name }) => name === named)
    if (file !== undefined) return [{ tool, source: { path: file.path, text: '' }, mark: undefined }]
    for (const { path, text } of texts) {
      const found = tool.line?.exec(text)
      if (found == null) continue
      const start = found.index + found[0].search(/\S/)
      const [line = ''] = /^.*\S/.exec(text.slice(start)) ?? []
      return [{ tool, source: { path, text }, mark: { start, end: start + line.length } }]
    }
    return []
  })
}

function isIn(name: string, folder: string): boolean {
  return name.endsWith('.sql') && `/${name}`.includes(`/${folder}/`)
}

function replaceFolder(name: string, from: string, to: string): string {
  return `/${name}`.replace(`/${from}/`, `/${to}/`).slice(1)
}
