import type { ServerNotice, SourceFile } from '@tidemark/core'
import { maskSecrets } from '@tidemark/core'
import type { ServerNoticeFields } from './connection.ts'
import { hideValues } from './hide-values.ts'

/** A notice as events carry it. `source` is the text that ran. */
export function toServerNotice(notice: ServerNoticeFields, source: SourceFile): ServerNotice {
  const shown = (text: string) => maskSecrets(hideValues(text, source))
  return {
    severity: notice.severity,
    code: notice.code,
    message: shown(notice.message),
    detail: notice.detail === undefined ? null : shown(notice.detail),
    hint: notice.hint === undefined ? null : shown(notice.hint),
  }
}
