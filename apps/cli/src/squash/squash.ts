import { rm } from 'node:fs/promises'
import {
  type GraphNode,
  listWithAncestors,
  type Migration,
  type MigrationGraph,
  nodeAt,
  parseMigration,
} from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { createMigrationFile, shownMigrationPath } from '../project/create-migration-file.ts'
import { findMigration } from '../project/find-migration.ts'
import { listTakenIds, nextId } from '../project/next-id.ts'
import { readProject } from '../project/read-project.ts'
import { refuse } from '../project/refuse.ts'
import type { SquashJson } from '../schema/gate-schemas.ts'
import { cannotSquash } from './cannot-squash.ts'
import { checkSquash } from './check-squash.ts'
import { findExistingSquash, finishSquash } from './existing-squash.ts'
import { type Squash, squashMigrations } from './squash-migrations.ts'

/** What `squash` was asked for. */
export interface SquashRequest {
  readonly name: string
  /** The last one, with all that it needs; undefined: every migration that runs once. */
  readonly through: string | undefined
  readonly transaction: 'required' | 'none' | undefined
  /** `delete`: the files that it replaces go at once. */
  readonly originals: 'keep' | 'delete'
  readonly mode: 'write' | 'show'
}

/** The outcome, and the text of the squash. */
export interface SquashOutcome {
  readonly json: SquashJson
  readonly text: string
}

/**
 * Writes one file for many. Before it is written it is read again and checked against the originals: every
 * statement in its order, and a graph without them that still resolves. A squash of that name that was written
 * before is finished: its originals are deleted.
 *
 * @throws {TidemarkError} TM7025 where one file cannot mean what they mean, TM2007 for an unknown id, TM7011
 * when the file exists.
 */
export async function squash(settings: Settings, request: SquashRequest): Promise<SquashOutcome> {
  const { graph } = await readProject(settings, 'included')
  const id = await nextId({ name: request.name, ids: listTakenIds(graph), now: new Date() })
  const existing = findExistingSquash(graph, id)
  if (existing !== undefined) return finishSquash(settings, request, { graph, existing })
  const members = chooseMembers(graph, request.through)
  const migrations = members.map(({ migration }) => migration)
  const dependsOn = listOutside(graph, members)
  const { transaction, mode } = request
  const made = squashMigrations(migrations, { id, dependsOn, transaction })
  const shown = shownMigrationPath(settings, id)
  checkSquash(graph, { originals: migrations, squash: parse(made, shown) }, (_, statement) => {
    return new TypeError(`a squash lost a statement: ${statement}`)
  })
  const deleted =
    mode === 'show' || request.originals === 'keep' ? [] : migrations.map(({ source }) => source.path)
  if (mode === 'write') {
    await createMigrationFile(settings, { id, text: made.text })
    await Promise.all(deleted.map((file) => rm(file)))
  }
  const { replaces, reversible, notes, text } = made
  const state = mode === 'write' ? 'written' : 'shown'
  return {
    json: {
      id,
      path: shown,
      state,
      replaces: [...replaces],
      dependsOn: [...dependsOn],
      deleted,
      reversible,
      notes: [...notes],
    },
    text,
  }
}

function chooseMembers(graph: MigrationGraph, through: string | undefined): readonly GraphNode[] {
  const members =
    through === undefined
      ? graph.nodes.filter(
          ({ migration: { header } }) => header.run === 'once' && header.environments === undefined,
        )
      : listWithAncestors(graph, [findMigration(graph, through).migration.id])
  if (members.length >= 2) return members
  throw cannotSquash(
    members.length === 0 ? 'there is no migration' : `there is only ${members[0]?.migration.id}`,
    'a squash needs at least two migrations',
  )
}

/** What the members need and is none of them, such as a migration that runs again on change. */
function listOutside(graph: MigrationGraph, members: readonly GraphNode[]): readonly string[] {
  const inside = new Set(members.map(({ index }) => index))
  const outside = new Set(
    members.flatMap(({ dependencies }) => dependencies.filter((place) => !inside.has(place))),
  )
  return [...outside].sort((a, b) => a - b).map((place) => nodeAt(graph, place).migration.id)
}

function parse({ text }: Squash, path: string): Migration {
  const parsed = parseMigration({ path, text })
  if (parsed.ok) return parsed.value.migration
  throw refuse(parsed.error)
}
