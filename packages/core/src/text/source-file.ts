/**
 * A text with the name under which people know it. The text is normalised: no BOM, LF line ends.
 * `path` uses `/` on every platform and is what messages print.
 */
export interface SourceFile {
  readonly path: string
  readonly text: string
}
