import { createEmbeddedMigrationRunner } from '@tidemark/embedded'
import { type ApplyArgument, applyAsChild } from './apply-as-child.ts'

/** Applies everything pending in an embedded database, and says on stdout what happens. */
const { url, folder }: ApplyArgument = JSON.parse(process.argv[2] ?? '{}')
await applyAsChild(createEmbeddedMigrationRunner({ database: url, migrations: folder }))
