export type { ConnectOptions } from './connect.ts'
export { connectToServer } from './connect.ts'
export type { AnswerListener, Connection, QueryAnswer, ServerNoticeFields } from './connection.ts'
