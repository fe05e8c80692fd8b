import { configTopic } from './config-topic.ts'
import { EXIT_CODES_TOPIC } from './exit-codes-topic.ts'
import { FORMAT_TOPIC } from './format-topic.ts'

/** The topics of `tidemark help TOPIC`. */
export const TOPICS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  format: FORMAT_TOPIC,
  config: configTopic(),
  'exit-codes': EXIT_CODES_TOPIC,
})
