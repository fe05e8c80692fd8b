import type { ServerNotice } from '@tidemark/core'
import type { ServerNoticeFields } from './connection.ts'
import { maskSecrets } from './mask-secrets.ts'

/** A notice as events carry it. */
export function toServerNotice(notice: ServerNoticeFields): ServerNotice {
  return {
    severity: notice.severity,
    code: notice.code,
    message: maskSecrets(notice.message),
    detail: notice.detail ?? null,
    hint: notice.hint ?? null,
  }
}
