import type { ServerNotice } from '@tidemark/core'
import { maskSecrets } from '@tidemark/core'
import type { ServerNoticeFields } from './connection.ts'

/** A notice as events carry it. */
export function toServerNotice(notice: ServerNoticeFields): ServerNotice {
  return {
    severity: notice.severity,
    code: notice.code,
    message: maskSecrets(notice.message),
    detail: notice.detail === undefined ? null : maskSecrets(notice.detail),
    hint: notice.hint === undefined ? null : maskSecrets(notice.hint),
  }
}
