import { FORMATS, type FormatName, RECOGNITION_ORDER } from './formats.ts'
import type { ForeignFolder } from './import-format.ts'

/**
 * Says which tool wrote the files of a folder, by their names and marks. Undefined when there is no SQL file,
 * and when all are migrations of Tidemark.
 */
export function recognizeFormat(folder: ForeignFolder): FormatName | undefined {
  return RECOGNITION_ORDER.find((format) => FORMATS[format].recognizes(folder))
}
