import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { compareIds, isSqlFile } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'

/** What a shell asks for while a command is typed. */
export type CompletionList = 'ids' | 'environments'

/** Lists words of the project for completion: the ids of the files, or the environments of the configuration. */
export async function listWords(
  { migrations, environments }: Pick<Settings, 'migrations' | 'environments'>,
  list: CompletionList,
): Promise<readonly string[]> {
  if (list === 'environments') return environments
  const names = await readdir(migrations, { recursive: true }).catch(() => [])
  return names
    .filter(isSqlFile)
    .map((name) => basename(name).replace(/\.sql$/i, ''))
    .sort(compareIds)
}

/** Flags that choose the project, in what was typed so far; the environment is what is being typed, or chosen. */
export function projectFlagsOf(line: string, list: CompletionList): Readonly<Record<string, string>> {
  const found = line.matchAll(
    /(?<=\s)(?:--(dir|config|env|env-file)|-(e))[= ]\s*(?:"([^"]*)"|'([^']*)'|(\S+))/g,
  )
  const flags = Array.from(found, ([, name, short, double, single, bare]): readonly [string, string] => [
    short === undefined ? (name ?? '') : 'env',
    double ?? single ?? bare ?? '',
  ])
  return Object.fromEntries(flags.filter(([name]) => list === 'ids' || name !== 'env'))
}
