import { TidemarkError } from '@tidemark/core'
import type { OpenedPath } from './folder.ts'

/** Replaces `folder.ts` on runtimes without files. @throws TidemarkError TM7062, always. */
export function openPath(path: string): OpenedPath {
  throw new TidemarkError({
    code: 'TM7062',
    message: `the gate cannot read its migrations from "${path}": this runtime has no files`,
    help: 'pass a manifest: tidemark manifest --out schema.ts, then import { manifest } from it',
  })
}
