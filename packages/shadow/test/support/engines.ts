import type { Migration } from '@tidemark/core'
import { openShadow, type Shadow } from '../../src/index.ts'

/** An engine that the tests run on. */
export interface TestEngine {
  readonly name: string
  open(migrations?: readonly Migration[]): Promise<Shadow>
}

/** Every engine of shadows: what holds on one holds on all. */
export const engines: readonly TestEngine[] = [
  { name: 'PGlite', open: (migrations = []) => openShadow({ migrations }) },
]
