export { openBackups } from './backup/open-backups.ts'
export type { ConnectOptions } from './connection/connect.ts'
export { connectToServer } from './connection/connect.ts'
export type {
  AnswerListener,
  Connection,
  QueryAnswer,
  ServerNoticeFields,
  SessionSetting,
} from './connection/connection.ts'
export type { ConnectionUrl } from './connection/connection-url.ts'
export type { ServerAddress } from './connection/driver-connection.ts'
export { explainConnectFailure } from './connection/explain-connect-failure.ts'
export type { WireMessage } from './connection/message-framer.ts'
export { createMessageFramer, readSql, WIRE, writeMessage } from './connection/message-framer.ts'
export type { Wire } from './connection/open-wire.ts'
export { openWire } from './connection/open-wire.ts'
export { sendMessage } from './connection/send-message.ts'
export type { ServerError } from './connection/sql-state.ts'
export { isConnectionLost, isServerError, SQL_STATE } from './connection/sql-state.ts'
export { readUrlAlone } from './connection/url-alone.ts'
export { createEngineDatabase } from './database/create-engine-database.ts'
export { createServerOptions } from './database/server-database.ts'
export { applicationName } from './engine/application-name.ts'
export type { ConnectPurpose, Engine } from './engine/engine-port.ts'
export { createServerEngine } from './engine/server-engine.ts'
export type { RunCommandOptions } from './hooks/run-command.ts'
export { runCommand } from './hooks/run-command.ts'
export type { EngineSettings } from './options/engine-settings.ts'
export { DEFAULT_SETTINGS } from './options/engine-settings.ts'
export { durationMs, engineSettings } from './options/migration-options.ts'
export { pinSearchPath } from './statement/search-path.ts'
export { setConfig } from './statement/set-config.ts'
