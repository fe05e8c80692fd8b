import { createMigrationRunner } from '@tidemark/pg-driver'
import { type ApplyArgument, applyAsChild } from './apply-as-child.ts'

/** Applies everything pending on a server, and says on stdout what happens. */
const { url, folder, commits }: ApplyArgument = JSON.parse(process.argv[2] ?? '{}')
await applyAsChild(createMigrationRunner({ database: url, migrations: folder, commits }))
