import { corporaMissing } from '@tidemark/test-servers'
import { test } from 'vitest'
import { corpus } from './support/migrations.ts'
import { useOtherServer } from './support/other-server.ts'

const { expectSameBytes } = useOtherServer()

test.skipIf(corporaMissing).each(['concourse', 'crates_io', 'goalert', 'hatchet'])(
  `the snapshot of %s is the same on PGlite and on any server${corporaMissing ? ` (skipped: ${corporaMissing})` : ''}`,
  async (name) => expectSameBytes(await corpus(name)),
)
